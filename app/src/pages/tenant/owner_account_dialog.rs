use domain::{
    invitation::InvitationStatus,
    registry::{TenantOwner, TenantRecord},
};
use leptos::prelude::*;

use super::{
    action_dialog::{ActionDialog, ActionField, ButtonTexts},
    action_state::{ActionState, TenantAction},
};
use crate::server_fns::change_owner_account;

const ACTION: TenantAction = TenantAction::ChangeOwnerAccount;

/// The dialog that changes the address and the name of the owner. `None` for a tenant without an owner.
pub(super) fn owner_account_dialog(record: &TenantRecord, state: ActionState) -> Option<AnyView> {
    let owner = record.owner.clone()?;
    let has_resources = !record.resources.is_empty();
    let code = record.code.clone();
    Some(view! { <OwnerAccountDialog code owner has_resources state /> }.into_any())
}

#[component]
fn OwnerAccountDialog(
    code: String,
    owner: TenantOwner,
    has_resources: bool,
    state: ActionState,
) -> impl IntoView {
    let (name, email) = (RwSignal::new(owner.name.clone()), RwSignal::new(owner.email.clone()));
    // Values that this admin leaves alone are not sent: another admin may have changed them meanwhile.
    let changed = |text: RwSignal<String>, former: String| {
        Signal::derive(move || text.with(|text| (*text != former).then(|| text.clone())))
    };
    let (new_name, new_email) = (changed(name, owner.name.clone()), changed(email, owner.email.clone()));
    let submit = Callback::new(move |()| {
        let call = change_owner_account(code.clone(), new_name.get_untracked(), new_email.get_untracked());
        state.start(ACTION, Box::pin(call));
    });
    let access = match owner.invitation {
        Some(InvitationStatus::Accepted) => {
            "The password keeps working. The owner signs in with the new address."
        }
        _ => "A new address gets a new invitation link, and the former links stop working.",
    };
    let systems = has_resources.then(|| {
        view! { <li>"External systems are not updated. Change the address there, too."</li> }.into_any()
    });
    let is_same = Signal::derive(move || new_name.get().is_none() && new_email.get().is_none());
    view! {
        <ActionDialog
            state
            action=ACTION
            title=format!("Change the account of {}", owner.name)
            buttons=ButtonTexts {
                cancel: "Cancel",
                confirm: "Save changes",
                pending: "Saving…",
            }
            disabled=is_same
            submit
        >
            <ul class="effects">
                <li>"The change holds for every tenant of this account."</li>
                <li>{access}</li>
                {systems}
            </ul>
            <ActionField
                state
                action=ACTION
                id="owner-account-email"
                field="email"
                label="Owner's e-mail"
                kind="email"
                value=email
            />
            <ActionField
                state
                action=ACTION
                id="owner-account-name"
                field="name"
                label="Owner's name"
                value=name
            />
        </ActionDialog>
    }
}
