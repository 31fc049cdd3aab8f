use domain::{
    Role,
    access::{EmployeeStatus, EmployeeSummary, TeamAction},
    invitation::InvitationStatus,
    paths::TEAM,
};
use leptos::prelude::*;

use super::{consequences::of_disabling, dialog::DialogButton, role_choices::role_choices};
use crate::{
    pages::plain_form::{ActionForm, HiddenFields},
    ui::{Button, counted, select_options},
};

/// The dialog with which a super admin manages an employee.
#[component]
pub(super) fn Manage(employee: EmployeeSummary, is_own: bool) -> impl IntoView {
    let name = employee.name.clone();
    let is_active = employee.status == EmployeeStatus::Active;
    let sections = match is_active {
        true => view! {
            <ChangeRole employee=employee.clone() />
            <SignIn employee=employee.clone() is_own />
            <Disable employee=employee.clone() />
        }
        .into_any(),
        false => view! { <Enable employee=employee.clone() /> }.into_any(),
    };
    view! {
        <DialogButton
            id=format!("manage-{}", employee.id)
            label="Manage"
            accessible_name=format!("Manage {name}")
            title=name
            testid="team-manage"
        >
            <p class="muted">{employee.email}</p>
            {sections}
        </DialogButton>
    }
}

/// A form with one button for an employee.
fn action_form(employee: &EmployeeSummary, action: TeamAction, label: String, is_danger: bool) -> AnyView {
    let fields = vec![("action", action.to_string()), ("employee", employee.id.to_string())];
    view! {
        <ActionForm path=TEAM.to_owned() fields label is_danger testid=format!("team-{action}").replace('_', "-") />
    }
    .into_any()
}

#[component]
fn ChangeRole(employee: EmployeeSummary) -> impl IntoView {
    let select_id = format!("role-{}", employee.id);
    let fields = vec![("action", TeamAction::ChangeRole.to_string()), ("employee", employee.id.to_string())];
    let hint = (employee.tokens > 0).then(|| {
        let tokens = counted(employee.tokens.into(), "token");
        view! { <p class="muted">"A lower role also applies to " {tokens} " of " {employee.name} "."</p> }
            .into_any()
    });
    view! {
        <section class="dialog-section">
            <form method="post" action=TEAM class="cluster">
                <HiddenFields fields />
                <label class="field-label" for=select_id.clone()>
                    "Role"
                </label>
                <select class="input" id=select_id name="role">
                    {select_options(role_choices(Role::SuperAdmin), employee.role.as_str())}
                </select>
                <Button submit=true small=true attr:data-testid="team-role">
                    "Change role"
                </Button>
            </form>
            {hint}
        </section>
    }
}

/// The invitation of a new employee, or the password and the sessions of another one.
#[component]
fn SignIn(employee: EmployeeSummary, is_own: bool) -> impl IntoView {
    let name = employee.name.clone();
    let (sentence, forms) = match &employee.invitation {
        Some(invitation) => {
            let revoke = (invitation.status == InvitationStatus::Pending).then(|| {
                action_form(&employee, TeamAction::RevokeInvitation, "Revoke the link".to_owned(), false)
            });
            let resend = action_form(&employee, TeamAction::ResendInvitation, "Send again".to_owned(), false);
            let sentence = format!(
                "{name} has not chosen a password yet. A new link replaces the one that was sent before."
            );
            (sentence, view! { {resend} {revoke} }.into_any())
        }
        None => {
            let reset =
                action_form(&employee, TeamAction::ResetPassword, "Send password reset".to_owned(), false);
            let label = format!("End {}", counted(employee.sessions.into(), "session"));
            let end = (employee.sessions > 0 && !is_own)
                .then(|| action_form(&employee, TeamAction::EndSessions, label, false));
            let sentence =
                format!("Send {name} a link to choose a new password. The current one works until then.");
            (sentence, view! { {reset} {end} }.into_any())
        }
    };
    view! {
        <section class="dialog-section">
            <p>{sentence}</p>
            <div class="cluster">{forms}</div>
        </section>
    }
}

#[component]
fn Disable(employee: EmployeeSummary) -> impl IntoView {
    let label = format!("Disable {}", employee.name);
    view! {
        <section class="dialog-section">
            <p data-testid="team-consequences">{of_disabling(&employee)}</p>
            {action_form(&employee, TeamAction::Disable, label, true)}
        </section>
    }
}

#[component]
fn Enable(employee: EmployeeSummary) -> impl IntoView {
    let name = &employee.name;
    let sentence = match employee.has_password {
        true => format!("{name} can sign in again with the same password. Revoked tokens stay revoked."),
        false => format!("{name} has not chosen a password yet. After that, send a new invitation."),
    };
    let label = format!("Enable {name}");
    view! {
        <section class="dialog-section">
            <p>{sentence}</p>
            {action_form(&employee, TeamAction::Enable, label, false)}
        </section>
    }
}
