use std::{borrow::Cow, future::Future, pin::Pin};

use domain::{ErrorCode, FieldProblem, error::EmailReason};
use leptos::{prelude::*, task::spawn_local};
use serde::de::DeserializeOwned;

use crate::{
    Failure, browser,
    codec::PageData,
    pages::outcome::OneTimeSecrets,
    server_fns::IssuedSecrets,
    ui::{FieldStatus, close_dialog},
};

/// What an admin can do with a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) enum TenantAction {
    Suspend,
    Resume,
    Delete,
    Restore,
    Approve,
    Decline,
    SetOwner,
    ChangeOwnerAccount,
    ResendInvitation,
    CreateKey,
    RotateKey,
    RevokeKey,
    ChangeSlug,
}

impl TenantAction {
    /// The ID of the dialog, if the action has one, and the `data-testid` of the button.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Suspend => "tenant-suspend",
            Self::Resume => "tenant-resume",
            Self::Delete => "tenant-delete",
            Self::Restore => "tenant-restore",
            Self::Approve => "tenant-approve",
            Self::Decline => "tenant-decline",
            Self::SetOwner => "tenant-owner",
            Self::ChangeOwnerAccount => "tenant-owner-account",
            Self::ResendInvitation => "tenant-invitation-resend",
            Self::CreateKey => "tenant-key-create",
            Self::RotateKey => "tenant-key-rotate",
            Self::RevokeKey => "tenant-key-revoke",
            Self::ChangeSlug => "tenant-slug",
        }
    }

    /// What screen readers announce after the action.
    const fn announcement(self) -> &'static str {
        match self {
            Self::Suspend => "The tenant is suspended.",
            Self::Resume => "The tenant is active again.",
            Self::Delete => "The tenant is deleted.",
            Self::Restore => "The tenant is restored.",
            Self::Approve => "The tenant is approved.",
            Self::Decline => "The sign-up is declined.",
            Self::SetOwner => "The owner is changed.",
            Self::ChangeOwnerAccount => "The owner's account is changed.",
            Self::ResendInvitation => "The invitation is sent again.",
            Self::CreateKey => "The API key is created.",
            Self::RotateKey => "The API key is replaced.",
            Self::RevokeKey => "The API key is revoked.",
            Self::ChangeSlug => "The slug is changed.",
        }
    }
}

/// The call of an action.
type ActionCall = Pin<Box<dyn Future<Output = Result<IssuedSecrets, Failure>>>>;

/// The running action, the latest failed action, and what the page shows after an action. It exists as long
/// as the page, while each change of the tenant renders the sections again.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages) struct ActionState {
    /// Loads the data of the page again.
    refetch: Callback<()>,
    /// What gets the focus when the tenant has been loaded again: a selector.
    focus_due: RwSignal<Option<Cow<'static, str>>>,
    pub secrets: OneTimeSecrets,
    pub announcement: RwSignal<&'static str>,
    /// For how many hours a replaced key keeps working.
    pub overlap_hours: RwSignal<u32>,
    running: RwSignal<Option<TenantAction>>,
    failed: RwSignal<Option<(TenantAction, Failure)>>,
    /// Why the latest call was refused, if the page showed an outdated tenant.
    pub refusal: RwSignal<Option<Failure>>,
}

impl ActionState {
    /// The state of the page with this data.
    pub fn new<T>(page: PageData<Result<T, Failure>>) -> Self
    where
        T: Clone + DeserializeOwned + 'static,
    {
        let focus_due = RwSignal::new(None::<Cow<'static, str>>);
        // The page is rendered again with the new tenant.
        Effect::new(move |_| {
            if page.get().is_some()
                && let Some(selector) = focus_due.get_untracked()
            {
                focus_due.set(None);
                request_animation_frame(move || browser::focus(selector));
            }
        });
        Self {
            refetch: Callback::new(move |()| page.refetch()),
            focus_due,
            secrets: OneTimeSecrets::new(None),
            announcement: RwSignal::new(""),
            overlap_hours: RwSignal::new(0),
            running: RwSignal::new(None),
            failed: RwSignal::new(None),
            refusal: RwSignal::new(None),
        }
    }

    /// Starts an action, unless another action is running. After a success, loads the tenant again. The focus
    /// then moves to the new secret, or to the heading. After a failure, it moves to the refused field, or
    /// back to the button. If the tenant was changed meanwhile, the page loads the tenant again and shows the
    /// refusal at its top, because the action may not be available any more.
    pub fn start(self, action: TenantAction, call: ActionCall) {
        self.run(action, call, Box::new(move |secrets| self.finish(action, secrets)));
    }

    /// Starts an action that deletes the tenant, unless another action is running. After a success, calls
    /// `leave`, because the page has nothing to load any more.
    pub fn start_and_leave(self, action: TenantAction, call: ActionCall, leave: impl FnOnce() + 'static) {
        let close_and_leave = move |_| {
            close_dialog(action.id());
            leave();
        };
        self.run(action, call, Box::new(close_and_leave));
    }

    fn run(self, action: TenantAction, call: ActionCall, on_success: Box<dyn FnOnce(IssuedSecrets)>) {
        if self.running.with_untracked(Option::is_some) {
            return;
        }
        let return_focus = browser::return_focus();
        self.failed.set(None);
        self.refusal.set(None);
        self.announcement.set("");
        self.running.set(Some(action));
        spawn_local(async move {
            let result = call.await;
            if self.running.is_disposed() {
                return;
            }
            self.running.set(None);
            match result {
                Ok(secrets) => on_success(secrets),
                Err(failure) if is_outdated(&failure) => {
                    close_dialog(action.id());
                    self.refuse(failure);
                }
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
        let is_secret = secrets != IssuedSecrets::default();
        self.secrets.show(secrets);
        if is_secret { self.reload() } else { self.reload_and_focus("h1") }
    }

    /// Shows a refusal at the top of the page, and loads the tenant again.
    pub fn refuse(self, failure: Failure) {
        self.refusal.set(Some(failure));
        self.reload_and_focus("#tenant-refusal");
    }

    /// Loads the tenant again.
    pub fn reload(self) {
        self.refetch.run(());
    }

    /// Loads the tenant again, and then moves the focus.
    pub fn reload_and_focus(self, selector: impl Into<Cow<'static, str>>) {
        self.focus_due.set(Some(selector.into()));
        self.reload();
    }

    /// Moves the focus when a navigation has loaded the tenant again.
    pub fn focus_after_load(self, selector: &'static str) {
        self.focus_due.set(Some(selector.into()));
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
                matches!(
                    problem.email_reason,
                    Some(EmailReason::HasAccount | EmailReason::OwnsTenant | EmailReason::InEarlierSystem)
                )
            }
            _ => false,
        })
    }
}

/// Whether a call was refused because the tenant has changed since the page was loaded.
pub(in crate::pages) fn is_outdated(failure: &Failure) -> bool {
    let Failure::Problem(problem) = failure else { return false };
    match problem.code {
        ErrorCode::TenantNotFound
        | ErrorCode::TenantSuspended
        | ErrorCode::ResourceNotFound
        | ErrorCode::KeyReplaced
        | ErrorCode::InvitationAccepted
        | ErrorCode::PreconditionFailed => true,
        // Other fields have a rule that the admin can follow.
        ErrorCode::InvalidTransition => problem.errors.iter().any(|error| error.field == "status"),
        _ => false,
    }
}

/// The problem of a field in a refusal.
fn problem_of(failure: &Failure, field: &str) -> Option<FieldProblem> {
    let Failure::Problem(problem) = failure else { return None };
    match problem.code {
        ErrorCode::EmailUnavailable if field == "email" => problem.field_problems().into_iter().next(),
        ErrorCode::DuplicateSlug if field == "slug" => problem.field_problems().into_iter().next(),
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

    #[test]
    fn a_refusal_that_concerns_the_status_means_that_the_page_is_outdated() {
        let refused = |field: &str| {
            let errors =
                vec![FieldProblem::new(field, "not_active", "Only an active tenant can be suspended.")];
            Failure::from(Problem { errors, ..ErrorCode::InvalidTransition.into() })
        };
        assert!(is_outdated(&refused("status")));
        assert!(!is_outdated(&refused("currency")));
        assert!(is_outdated(&ErrorCode::PreconditionFailed.into()));
        assert!(!is_outdated(&ErrorCode::ValidationError.into()));
        assert!(!is_outdated(&Failure::Unreachable));
    }
}
