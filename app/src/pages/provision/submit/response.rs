//! Sends the draft and applies the server's response.

use domain::{ErrorCode, Problem, RequestStatus, outcome::Provisioned, paths, provisioning::NewTenant};
use leptos::{prelude::*, task::spawn_local};

use super::super::{
    fields::control_id,
    state::{FormPhase, FormState},
};
use crate::{
    Failure,
    browser::{self, DraftStore, StoredDraft, WatchTarget},
    codec::from_json,
    server_fns::{self, ProvisionOutcome, RequestRecord},
};

impl FormState {
    pub(super) fn validate_and_send(self) {
        self.merge_form_values();
        let draft = self.draft.get_untracked();
        if draft.slug.is_empty() {
            self.derive_slug(&draft.name);
        }
        match NewTenant::parse(&self.draft.get_untracked(), true, browser::domain_to_ascii) {
            Ok(_) => self.send(),
            Err(problems) => self.show_problems(problems),
        }
    }

    /// Sends the draft with its key. Sending it again is safe, because one key creates one tenant.
    pub(super) fn send(self) {
        let (key, draft) = (self.key.get_untracked(), self.draft.get_untracked());
        self.problems.set(Vec::new());
        self.refused.set(None);
        self.posted_refusal.set(None);
        self.phase.set(FormPhase::Submitting(Vec::new()));
        let drafts = self.drafts();
        self.is_saved.set(Some(drafts.save(&self.to_stored(true))));
        browser::focus("h1");
        spawn_local(async move {
            let result = server_fns::provision(key.clone(), draft).await;
            self.handle_response(key, &drafts, result);
        });
    }

    fn handle_response(self, key: String, drafts: &DraftStore, result: Result<ProvisionOutcome, Failure>) {
        if self.phase.is_disposed() {
            // The admin left the form. The request's page will show the secrets.
            if let Ok(outcome) = result {
                drafts.clear(&key);
                self.latest_outcome.0.set(Some(outcome));
            }
            return;
        }
        match result {
            Ok(outcome) => self.finish(outcome),
            Err(failure) if is_outcome_unknown(&failure) => self.watch_until_known(key, failure),
            Err(failure) => {
                self.count_attempt(&failure);
                self.refuse(failure);
            }
        }
    }

    /// Updates the number of failed attempts, if the server has recorded the refusal as an attempt. A refusal
    /// before that, such as for an ended session, is not an attempt. The server retries transient failures,
    /// so one refusal may stand for several attempts.
    fn count_attempt(self, failure: &Failure) {
        if let Failure::Problem(problem) = failure
            && let Some(attempt) = problem.attempt
        {
            self.attempts.set(attempt);
        }
    }

    /// Watches the request by its key until its outcome is known. Shows `failure` if no request has this key.
    pub(super) fn watch_until_known(self, key: String, failure: Failure) {
        self.watcher.start(
            WatchTarget::Key(key),
            move |record| self.apply_record(record),
            move || self.refuse(failure),
        );
    }

    /// Applies the record of a submit whose response did not arrive. Returns false if the record describes an
    /// earlier attempt.
    pub(super) fn apply_record(self, record: RequestRecord) -> bool {
        let failed = record.summary.status == RequestStatus::Failed;
        if failed && record.summary.attempts <= self.attempts.get_untracked() {
            return false;
        }
        if failed {
            self.attempts.set(record.summary.attempts);
        }
        let outcome = record.outcome.and_then(|json| from_json::<Provisioned>(&json).ok());
        match (record.summary.status, outcome, record.problem) {
            (RequestStatus::Processing, ..) => {
                let latest = record.attempt_log.into_iter().next();
                let times = latest.map(|attempt| attempt.stages).unwrap_or_default();
                self.phase.set(FormPhase::Submitting(times));
            }
            (RequestStatus::Completed, Some(tenant), _) => {
                self.finish(ProvisionOutcome { tenant, replayed: true });
            }
            (_, _, Some(problem)) => self.refuse(problem.into()),
            _ => self.refuse(ErrorCode::DuplicateRequest.into()),
        }
        true
    }

    /// Deletes the draft and opens the request's page.
    fn finish(self, outcome: ProvisionOutcome) {
        self.watcher.stop();
        self.loaded.set(false);
        self.drafts().clear(&self.key.get_untracked());
        let id = outcome.tenant.request_id.to_string();
        self.latest_outcome.0.set(Some(outcome));
        self.open_request.run(id);
    }

    fn refuse(self, failure: Failure) {
        self.watcher.stop();
        self.drafts().save(&self.to_stored(is_outcome_unknown(&failure)));
        match &failure {
            Failure::Problem(problem) if self.mark_refused(problem) => self.return_to_fields(problem),
            _ => {
                self.phase.set(FormPhase::Refused(failure));
                browser::focus("h1");
            }
        }
    }

    /// Returns to the form, and moves the focus to the first refused field. Screen readers announce the error
    /// summary when it appears.
    fn return_to_fields(self, problem: &Problem) {
        // After a lost response, the problem comes from the request's record, which contains no suggestions.
        if problem.code == ErrorCode::DuplicateSlug && problem.suggestions.is_empty() {
            self.recheck.notify();
        }
        self.phase.set(FormPhase::Editing);
        let first = self.problems.with_untracked(|problems| problems.first().map(|p| control_id(&p.field)));
        first.into_iter().for_each(|id| browser::focus(format!("#{id}")));
    }

    /// Returns to the form with the same draft and key.
    pub(super) fn back_to_draft(self) {
        // If the outcome is unknown and the tenant was created, the key still identifies the tenant.
        self.drafts().save(&self.to_stored(false));
        self.phase.set(FormPhase::Editing);
        browser::focus("h1");
    }

    /// Returns to the form with the same draft and a new key, because the old key has been used.
    pub(super) fn renew_key(self) {
        self.replace_key();
        self.back_to_draft();
    }

    /// Restores the draft that "Start over" discarded or a reopened draft replaced.
    pub(super) fn undo_discard(self) {
        let Some(stored) = self.discarded.get_untracked() else { return };
        self.discarded.set(None);
        match stored.submitted {
            true => self.return_to_submitted(stored),
            false => {
                self.restore(stored);
                browser::focus("#name");
            }
        }
    }

    /// Restores a draft that was submitted and has no response yet, and watches its request.
    pub(super) fn return_to_submitted(self, stored: StoredDraft) {
        let key = stored.key.clone();
        self.drafts().save(&stored);
        self.restore(stored);
        self.phase.set(FormPhase::Submitting(Vec::new()));
        browser::replace_address(paths::PROVISION);
        browser::focus("h1");
        self.watch_until_known(key, Failure::Unreachable);
    }

    /// Replaces a submitted draft without a response with the reopened draft, and offers to restore it.
    pub(super) fn replace_submitted(self, stored: StoredDraft) {
        self.discarded.set(Some(stored));
        self.back_to_draft();
        browser::replace_address(paths::PROVISION);
    }

    /// Empties the form after another tab has submitted the draft.
    pub(super) fn start_next(self) {
        self.start_over();
        self.discarded.set(None);
    }
}

/// Whether the outcome is unknown after this failure: no response arrived, or the response has no request ID
/// and reports an error that can occur before or after the tenant was created.
pub(super) fn is_outcome_unknown(failure: &Failure) -> bool {
    match failure {
        Failure::Unreachable => true,
        Failure::Problem(problem) => {
            let ambiguous = [
                ErrorCode::RequestInProgress,
                ErrorCode::DatabaseUnavailable,
                ErrorCode::Timeout,
                ErrorCode::ProvisioningFailed,
            ];
            problem.request_id.is_none() && ambiguous.contains(&problem.code)
        }
    }
}
