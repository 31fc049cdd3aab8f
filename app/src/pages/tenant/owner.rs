use domain::{TenantStatus, Timestamp, invitation::InvitationStatus, registry::TenantRecord};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    action_state::ActionState,
    invitation_mail::{INVITATION_MAIL, invitation_mail, may_send_again},
    owner_action::{OWNER_ACTION, may_change_owner, owner_action},
};
use crate::{
    part::{Loaded, Part},
    ui::{Address, Card, Note, Section, StatusBadge, Time, Tone},
};

/// The part that contains the code of this module.
pub(super) static OWNER: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// The owner and their invitation. An admin can name the owner, or transfer the ownership.
#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn owner(record: TenantRecord, may_provision: bool, state: ActionState) -> Loaded<AnyView> {
    Ok(view! { <Owner record may_provision state /> }.into_any())
}

#[component]
fn Owner(record: TenantRecord, may_provision: bool, state: ActionState) -> impl IntoView {
    let (owner, status) = (record.owner.clone(), record.status);
    let may_act = may_provision && may_change_owner(&record);
    let may_send =
        may_provision && status != TenantStatus::Deleted && owner.as_ref().is_some_and(may_send_again);
    let invited = record.clone();
    let mail = may_send
        .then(move || INVITATION_MAIL.view(move || Box::pin(invitation_mail(invited.clone(), state))));
    let action =
        may_act.then(move || OWNER_ACTION.view(move || Box::pin(owner_action(record.clone(), state))));
    let next_step = (status != TenantStatus::Deleted).then(|| {
        view! { <p>"The tenant becomes active when it has an owner and its steps have run."</p> }.into_any()
    });
    let Some(owner) = owner else {
        return view! {
            <Card>
                <Section title="Owner" attr:id="owner">
                    <Note tone=Tone::Info title="No owner yet">{next_step}</Note>
                    {action}
                </Section>
            </Card>
        }
        .into_any();
    };
    let status = owner.invitation.map(|status| match status {
        // The key `pending` belongs to the steps.
        InvitationStatus::Pending => "invited",
        status => status.as_str(),
    });
    let badge = move || status.map(|status| view! { <StatusBadge status /> });
    let note = owner.invitation.and_then(|status| invitation_note(status, owner.invitation_expires_at));
    view! {
        <Card>
            <Section title="Owner" aside=badge attr:id="owner">
                <p class="owner-name">
                    <bdi>{owner.name}</bdi>
                </p>
                <Address text=owner.email />
                {note}
                {mail}
                {action}
            </Section>
        </Card>
    }
    .into_any()
}

/// What is left to do until the owner can sign in.
fn invitation_note(status: InvitationStatus, expires_at: Option<Timestamp>) -> Option<AnyView> {
    let until = expires_at.map(|at| view! { <Time ms=at.0 event=("It expires ", "It has expired") /> "." });
    let note = match status {
        InvitationStatus::Accepted => return None,
        InvitationStatus::Pending => view! {
            <Note tone=Tone::Info title="Not accepted yet">
                <p>"The owner has not used the invitation link. " {until}</p>
            </Note>
        }
        .into_any(),
        InvitationStatus::Expired => view! {
            <Note tone=Tone::Warn title="The invitation has expired">
                <p>"The owner cannot sign in until you send a new link."</p>
            </Note>
        }
        .into_any(),
        InvitationStatus::Revoked => view! {
            <Note tone=Tone::Warn title="The invitation was revoked">
                <p>"The owner cannot sign in until you send a new link."</p>
            </Note>
        }
        .into_any(),
    };
    Some(note)
}
