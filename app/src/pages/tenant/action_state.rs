use std::{future::Future, pin::Pin};

use domain::{ErrorCode, FieldProblem, error::EmailReason};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    Failure, browser,
    codec::PageData,
    pages::outcome::OneTimeSecrets,
    server_fns::{IssuedSecrets, OpenedTenant},
    ui::{FieldStatus, close_dialog},
};

/// What an admin can do with a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TenantAction {
    Suspend,
    Resume,
    Delete,
    Restore,
    SetOwner,
    CreateKey,
    RotateKey,
    RevokeKey,
}

impl TenantAction {
    /// The ID of the dialog, if the action has one, and the `data-testid` of the button.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Suspend => "tenant-suspend",
            Self::Resume => "tenant-resume",
            Self::Delete => "tenant-delete",
            Self::Restore => "tenant-restore",
            Self::SetOwner => "tenant-owner",
            Self::CreateKey => "tenant-key-create",
            Self::RotateKey => "tenant-key-rotate",
            Self::RevokeKey => "tenant-key-revoke",
        }
    }

    /// What screen readers announce after the action.
    const fn announcement(self) -> &'static str {
        match self {
            Self::Suspend => "The tenant is suspended.",
            Self::Resume => "The tenant is active again.",
            Self::Delete => "The tenant is deleted.",
            Self::Restore => "The tenant is restored.",
            Self::SetOwner => "The owner is changed.",
            Self::CreateKey => "The API key is created.",
            Self::RotateKey => "The API key is replaced.",
            Self::RevokeKey => "The API key is revoked.",
        }
    }
}

/// The call of an action.
type ActionCall = Pin<Box<dyn Future<Output = Result<IssuedSecrets, Failure>>>>;

/// The running action, the latest failed action, and what the page shows after an action. It exists as long
/// as the page, while each change of the tenant renders the sections again.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActionState {
    tenant: PageData<Result<OpenedTenant, Failure>>,
    /// Whether the heading gets the focus when the tenant has been loaded again.
    is_focus_due: RwSignal<bool>,
    pub secrets: OneTimeSecrets,
    pub announcement: RwSignal<&'static str>,
    /// For how many hours a replaced key keeps working.
    pub overlap_hours: RwSignal<u32>,
    running: RwSignal<Option<TenantAction>>,
    failed: RwSignal<Option<(TenantAction, Failure)>>,
}

impl ActionState {
    pub fn new(tenant: PageData<Result<OpenedTenant, Failure>>) -> Self {
        let is_focus_due = RwSignal::new(false);
        // The heading is rendered again with the new status.
        Effect::new(move |_| {
            if tenant.get().is_some() && is_focus_due.get_untracked() {
                is_focus_due.set(false);
                request_animation_frame(|| browser::focus("h1"));
            }
        });
        Self {
            tenant,
            is_focus_due,
            secrets: OneTimeSecrets::new(None),
            announcement: RwSignal::new(""),
            overlap_hours: RwSignal::new(0),
            running: RwSignal::new(None),
            failed: RwSignal::new(None),
        }
    }

    /// Starts an action, unless another action is running. After a success, loads the tenant again. The focus
    /// then moves to the new secret, or to the heading. After a failure, it moves to the refused field, or
    /// back to the button.
    pub fn start(self, action: TenantAction, call: ActionCall) {
        if self.running.with_untracked(Option::is_some) {
            return;
        }
        let return_focus = browser::return_focus();
        self.failed.set(None);
        self.announcement.set("");
        self.running.set(Some(action));
        spawn_local(async move {
            let result = call.await;
            if self.running.is_disposed() {
                return;
            }
            self.running.set(None);
            match result {
                Ok(secrets) => self.finish(action, secrets),
                Err(failure) => {
                    self.failed.set(Some((action, failure)));
                    return_focus();
                    browser::focus(format!("#{} [aria-invalid]", action.id()));
                }
            }
        });
    }

    fn finish(self, action: TenantAction, secrets: IssuedSecrets) {
        close_dialog(action.id());
        self.announcement.set(action.announcement());
        if secrets == IssuedSecrets::default() {
            self.is_focus_due.set(true);
        }
        self.secrets.show(secrets);
        self.tenant.refetch();
    }

    pub fn is_running(self, action: TenantAction) -> Signal<bool> {
        Signal::derive(move || self.running.get() == Some(action))
    }

    /// Why the latest call of this action failed.
    pub fn failure_of(self, action: TenantAction) -> Option<Failure> {
        self.failed.get().filter(|(failed, _)| *failed == action).map(|(_, failure)| failure)
    }

    /// Removes the failure, because the admin has changed the input.
    pub fn clear_failure(self) {
        if self.failed.with_untracked(Option::is_some) {
            self.failed.set(None);
        }
    }

    /// The status of a field in the dialog of an action.
    pub fn field_status(self, action: TenantAction, field: &'static str) -> Signal<FieldStatus> {
        Signal::derive(move || {
            let problem = self.failure_of(action).and_then(|failure| problem_of(&failure, field));
            problem.map_or(FieldStatus::Empty, |problem| FieldStatus::Invalid(problem.message))
        })
    }

    /// Whether the owner was refused only because the address has an account.
    pub fn may_use_existing_account(self) -> Signal<bool> {
        Signal::derive(move || match self.failure_of(TenantAction::SetOwner) {
            Some(Failure::Problem(problem)) => {
                matches!(problem.email_reason, Some(EmailReason::HasAccount | EmailReason::OwnsTenant))
            }
            _ => false,
        })
    }
}

/// The problem of a field in a refusal.
fn problem_of(failure: &Failure, field: &str) -> Option<FieldProblem> {
    let Failure::Problem(problem) = failure else { return None };
    match problem.code {
        ErrorCode::EmailUnavailable if field == "email" => problem.field_problems().into_iter().next(),
        _ => problem.errors.iter().find(|problem| problem.field == field).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::Problem;

    use super::*;

    #[test]
    fn a_refusal_marks_the_field_that_it_concerns() {
        let refused = FieldProblem::new("reason", "required", "Enter the reason.");
        let failure = Failure::from(Problem::from_fields(vec![refused.clone()]));
        assert_eq!(problem_of(&failure, "reason"), Some(refused));
        assert_eq!(problem_of(&failure, "slug"), None);
        let taken = Problem { subject: Some("a@b.example".into()), ..ErrorCode::EmailUnavailable.into() };
        assert!(problem_of(&taken.clone().into(), "email").is_some());
        assert_eq!(problem_of(&taken.into(), "name"), None);
        assert_eq!(problem_of(&Failure::Unreachable, "email"), None);
    }
}
