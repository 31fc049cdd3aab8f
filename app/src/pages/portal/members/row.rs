use domain::{
    invitation::InvitationStatus,
    member::{MemberAction, MemberRole, TenantMember},
};
use leptos::prelude::*;

use super::role_choices::role_choices;
use crate::{
    pages::plain_form::ActionForm,
    ui::{Button, Disclosure, StatusBadge, Time, select_options},
};

/// What the rows have in common.
#[derive(Debug, Clone)]
pub(super) struct RowContext {
    /// The path of the page.
    pub path: String,
    /// The ID of the signed-in account.
    pub own_id: String,
    /// The role of the signed-in account.
    pub role: MemberRole,
    /// The name of the tenant.
    pub tenant: String,
}

/// A member or an invited person, with what the signed-in account may do.
#[component]
pub(super) fn MemberRow(member: TenantMember, context: RowContext) -> impl IntoView {
    let is_own = member.id.to_string() == context.own_id;
    let status = match member.status {
        InvitationStatus::Accepted => "active",
        InvitationStatus::Pending => "invited",
        status => status.as_str(),
    };
    let (event, at) = match member.joined_at {
        Some(at) => ("Joined ", at),
        None => ("Invited ", member.invited_at),
    };
    let actions = if is_own {
        view! { <LeaveForm member=member.clone() context /> }.into_any()
    } else if context.role.may_manage(member.role) {
        view! { <ManageForms member=member.clone() context /> }.into_any()
    } else {
        ().into_any()
    };
    view! {
        <tr data-testid="member-row">
            <td class="cause">
                <b>
                    <bdi>{member.name}</bdi>
                    {is_own.then_some(" (you)")}
                </b>
                <span class="sub">{member.email}</span>
            </td>
            <td data-label="Role">{member.role.label()}</td>
            <td data-label="Status">
                <div>
                    <StatusBadge status />
                    <span class="sub">{event} <Time ms=at.0 /></span>
                </div>
            </td>
            <td class="end">{actions}</td>
        </tr>
    }
}

/// The forms with which an owner or an admin manages another person.
#[component]
fn ManageForms(member: TenantMember, context: RowContext) -> impl IntoView {
    let has_joined = member.joined_at.is_some();
    let (id, path, name) = (member.id.to_string(), context.path.clone(), member.name.clone());
    let select_id = format!("role-{id}");
    let roles = role_choices(context.role);
    let action = |action: MemberAction, label: &'static str, is_danger: bool| {
        action_form(path.clone(), id.clone(), action, label, is_danger)
    };
    let invitation = (!has_joined).then(|| {
        let revoke = (member.status == InvitationStatus::Pending)
            .then(|| action(MemberAction::Revoke, "Revoke the link", false));
        view! { {action(MemberAction::Resend, "Send again", false)} {revoke} }.into_any()
    });
    let transfer = (has_joined && context.role == MemberRole::Owner).then(|| {
        let sentence = format!(
            "{name} becomes the owner of {}, and you become an admin. Only {name} can reverse this.",
            context.tenant
        );
        let form = action(MemberAction::Transfer, "Transfer ownership", true);
        view! { <Confirmation summary="Transfer the ownership…" sentence form /> }.into_any()
    });
    let sentence = match has_joined {
        true => format!("{name} loses the access to {} immediately.", context.tenant),
        false => format!("The link of {name} stops working immediately."),
    };
    let form = action(MemberAction::Remove, "Remove", true);
    let remove = view! { <Confirmation summary="Remove…" sentence form /> };
    view! {
        <Disclosure summary=format!("Manage {name}")>
            <div class="stack member-actions">
                <form method="post" action=context.path class="cluster">
                    <input type="hidden" name="action" value=MemberAction::ChangeRole.as_str() />
                    <input type="hidden" name="member" value=member.id.to_string() />
                    <label class="field-label" for=select_id.clone()>
                        "Role"
                    </label>
                    <select class="input" id=select_id name="role">
                        {select_options(roles, member.role.as_str())}
                    </select>
                    <Button submit=true small=true>
                        "Change role"
                    </Button>
                </form>
                <div class="cluster">{invitation}</div>
                {remove}
                {transfer}
            </div>
        </Disclosure>
    }
}

/// A form that is hidden until it is opened, with what it causes. Works without JavaScript.
#[component]
fn Confirmation(summary: &'static str, sentence: String, form: AnyView) -> impl IntoView {
    view! {
        <Disclosure summary>
            <div class="stack member-actions">
                <p>{sentence}</p>
                {form}
            </div>
        </Disclosure>
    }
}

/// The form with which a member leaves the tenant.
#[component]
fn LeaveForm(member: TenantMember, context: RowContext) -> impl IntoView {
    let sentence = format!("You lose the access to {} immediately.", context.tenant);
    let form =
        action_form(context.path, member.id.to_string(), MemberAction::Leave, "Leave the tenant", true);
    view! { <Confirmation summary="Leave…" sentence form /> }
}

/// A form with one button.
fn action_form(
    path: String,
    member: String,
    action: MemberAction,
    label: &'static str,
    is_danger: bool,
) -> AnyView {
    let fields = vec![("action", action.to_string()), ("member", member)];
    view! { <ActionForm path fields label is_danger testid=format!("member-{action}") /> }.into_any()
}
