//! The state of the provisioning form.
//!
//! [`FormState`] holds the draft, its idempotency key and the current [`FormPhase`]. One key creates at most
//! one tenant, so the form may send a draft again at any time. This has three consequences:
//!
//! - The draft is stored with its key on every change ([`persistence`]), so a reload continues with the same
//!   key. All tabs share the stored draft.
//! - If a response does not arrive, the outcome is unknown ([`is_outcome_unknown`]). The form then watches
//!   the request by its key instead of guessing.
//! - A key is replaced only by "Start over" or "Use a new key".
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Editing
//!     Editing --> Editing: submit, fields are invalid
//!     Editing --> Submitting: submit
//!     Submitting --> Editing: the server refuses fields
//!     Submitting --> Refused: any other refusal, or the request is not on record
//!     Submitting --> Submitting: outcome unknown, watch by key
//!     Submitting --> [*]: provisioned, open the request's page
//!     Refused --> Submitting: try again
//!     Refused --> Editing: back to the draft, or use a new key
//!     Editing --> SubmittedInOtherTab: another tab has provisioned this draft
//!     SubmittedInOtherTab --> Editing: provision another
//!     [*] --> Provisioned: plain form post
//! ```

mod persistence;

use domain::{
    ErrorCode, FieldProblem, RequestStatus, paths,
    provisioning::{Draft, DraftField, NewTenant},
    slug::{Slug, slug_from_name},
    stage::StageMark,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    checks::Checks,
    initial_state::{InitialState, PostedResult},
};
use crate::{
    Failure,
    browser::{self, DraftStore, RequestWatcher, StoredDraft, WatchTarget, new_key},
    page_context::PageContext,
    pages::LatestOutcome,
    server_fns::{self, ProvisionOutcome, RequestRecord},
};

/// The phase of the form. The documentation of the module contains a diagram.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FormPhase {
    Editing,
    /// The draft was sent. Contains the stages that were reached, if they are known.
    Submitting(Vec<StageMark>),
    Refused(Failure),
    /// A form that was posted without JavaScript created a tenant. With JavaScript, the request's page shows
    /// the tenant instead.
    Provisioned(Box<ProvisionOutcome>),
    SubmittedInOtherTab(Box<RequestRecord>),
}

/// Whether the browser has stored the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SaveStatus {
    /// There is no input to store.
    Empty,
    Saved,
    Failed,
}

/// The state of the form, shared by its components.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormState {
    pub key: RwSignal<String>,
    pub draft: RwSignal<Draft>,
    pub slug_edited: RwSignal<bool>,
    pub phase: RwSignal<FormPhase>,
    /// The invalid fields at the last submit. Editing a field removes it.
    pub problems: RwSignal<Vec<FieldProblem>>,
    /// Why a form post without JavaScript was refused.
    pub posted_refusal: RwSignal<Option<Failure>>,
    pub save_status: RwSignal<SaveStatus>,
    /// The draft that "Start over" discarded, until the next edit.
    pub discarded: RwSignal<Option<StoredDraft>>,
    pub checks: Checks,
    watcher: RequestWatcher,
    /// The number of failed attempts with this key. A failed record with the same or a lower number belongs to
    /// an earlier submit.
    attempts: RwSignal<u32>,
    /// Whether the stored draft was loaded. The form does not store a draft earlier.
    loaded: RwSignal<bool>,
    /// The draft that the server rendered, and the draft with the input from before hydration.
    typed: StoredValue<Option<(Draft, Draft)>>,
    drafts: StoredValue<DraftStore>,
    latest_outcome: LatestOutcome,
    context: StoredValue<PageContext>,
    open_request: Callback<String>,
}

impl FormState {
    pub fn new(initial: InitialState) -> Self {
        let navigate = use_navigate();
        let context = expect_context::<PageContext>();
        // Read the input before creating the view, which resets each control to the rendered value.
        let typed = browser::read_form_values(&format!("form[action='{}']", paths::PROVISION));
        let typed = typed.map(|typed| (initial.draft.clone(), typed));
        let draft = RwSignal::new(initial.draft);
        let (phase, problems, posted_refusal) = match initial.posted_result {
            None => (FormPhase::Editing, Vec::new(), None),
            Some(PostedResult::Provisioned(outcome)) => (FormPhase::Provisioned(outcome), Vec::new(), None),
            Some(PostedResult::Invalid(problems)) => (FormPhase::Editing, problems, None),
            Some(PostedResult::Refused(failure)) => (FormPhase::Editing, Vec::new(), Some(failure)),
        };
        let state = Self {
            key: RwSignal::new(initial.key),
            draft,
            slug_edited: RwSignal::new(false),
            phase: RwSignal::new(phase),
            problems: RwSignal::new(problems),
            posted_refusal: RwSignal::new(posted_refusal),
            save_status: RwSignal::new(SaveStatus::Empty),
            discarded: RwSignal::new(None),
            checks: Checks::new(draft),
            watcher: RequestWatcher::new(),
            attempts: RwSignal::new(0),
            loaded: RwSignal::new(false),
            typed: StoredValue::new(typed),
            drafts: StoredValue::new(DraftStore::new(&context.employee_id)),
            latest_outcome: expect_context(),
            context: StoredValue::new(context),
            open_request: Callback::new(move |id: String| {
                navigate(
                    &paths::request(id),
                    NavigateOptions { replace: true, ..NavigateOptions::default() },
                );
            }),
        };
        Effect::new(move |_| state.load());
        Effect::new(move |_| state.store());
        state.drafts().on_change(move |stored| state.sync_with_other_tab(stored));
        state
    }

    /// Changes the draft for an edit of `field`, and removes the field's problem.
    pub fn edit(self, field: DraftField, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
        self.problems.update(|problems| problems.retain(|problem| problem.field != field.path()));
        self.discarded.set(None);
    }

    /// Sets the text of a field.
    pub fn set_field(self, field: DraftField, text: String) {
        self.edit(field, |draft| *draft.get_mut(field) = text);
    }

    /// Sets the name, and derives the slug from the name until the slug is edited.
    pub fn edit_name(self, name: String) {
        let slug_follows = !self.slug_edited.get_untracked();
        if slug_follows {
            self.set_field(DraftField::Slug, slug_from_name(&name));
        }
        self.set_field(DraftField::Name, name);
    }

    /// Sets the slug. If the slug is empty, later edits of the name set the slug again.
    pub fn edit_slug(self, slug: String) {
        self.slug_edited.set(!slug.is_empty());
        self.set_field(DraftField::Slug, slug);
    }

    /// Applies a suggested slug.
    pub fn apply_slug(self, slug: &Slug) {
        self.edit_slug(slug.to_string());
        browser::focus("#slug");
    }

    /// Validates the draft with the same code as the server, then sends it.
    pub fn submit(self) {
        if matches!(self.phase.get_untracked(), FormPhase::Submitting(_)) {
            return;
        }
        self.resolve_blueprint();
        match NewTenant::parse(&self.draft.get_untracked(), browser::domain_to_ascii) {
            Ok(_) => self.send(),
            Err(problems) => self.show_problems(problems),
        }
    }

    /// Selects the default blueprint, which the form shows, if the draft's blueprint is no longer configured.
    fn resolve_blueprint(self) {
        let selected = self.draft.with_untracked(|draft| draft.blueprint.clone());
        let resolved =
            self.context.with_value(|context| context.blueprint(&selected).map(|found| found.name.clone()));
        if let Some(resolved) = resolved.filter(|resolved| *resolved != selected) {
            self.draft.update(|draft| draft.blueprint = resolved);
        }
    }

    /// Sends the draft with its key. Sending it again is safe, because one key creates one tenant.
    pub fn send(self) {
        let (key, draft) = (self.key.get_untracked(), self.draft.get_untracked());
        self.problems.set(Vec::new());
        self.posted_refusal.set(None);
        self.phase.set(FormPhase::Submitting(Vec::new()));
        self.drafts().save(&self.to_stored(true));
        browser::focus("h1");
        let drafts = self.drafts();
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

    /// The server retries transient failures itself, so one refusal may count several attempts.
    fn count_attempt(self, failure: &Failure) {
        let counted = match failure {
            Failure::Problem(problem) => problem.attempt,
            Failure::Unreachable => None,
        };
        self.attempts.update(|attempts| *attempts = counted.unwrap_or(*attempts + 1));
    }

    /// Watches the request by its key until its outcome is known. Refuses with `failure` if the request is
    /// not on record.
    fn watch_until_known(self, key: String, failure: Failure) {
        self.watcher.start(
            WatchTarget::Key(key),
            move |record| self.apply_record(record),
            move || self.refuse(failure),
        );
    }

    /// Applies the record of a submit whose response did not arrive. Returns false if the record describes an
    /// earlier attempt.
    fn apply_record(self, record: RequestRecord) -> bool {
        let failed = record.summary.status == RequestStatus::Failed;
        if failed && record.summary.attempts <= self.attempts.get_untracked() {
            return false;
        }
        if failed {
            self.attempts.set(record.summary.attempts);
        }
        match (record.summary.status, record.outcome, record.problem) {
            (RequestStatus::Processing, ..) => {
                let latest = record.attempt_log.into_iter().next();
                let marks = latest.map(|attempt| attempt.stages).unwrap_or_default();
                self.phase.set(FormPhase::Submitting(marks));
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
        let problems = match &failure {
            Failure::Problem(problem) => problem.errors.clone(),
            Failure::Unreachable => Vec::new(),
        };
        if problems.is_empty() {
            self.drafts().save(&self.to_stored(is_outcome_unknown(&failure)));
            self.phase.set(FormPhase::Refused(failure));
            browser::focus("h1");
        } else {
            self.show_problems(problems);
            self.drafts().save(&self.to_stored(false));
        }
    }

    fn show_problems(self, problems: Vec<FieldProblem>) {
        self.problems.set(problems);
        self.phase.set(FormPhase::Editing);
        browser::focus(".error-summary");
    }

    /// Returns to the form with the same draft and key.
    pub fn back_to_draft(self) {
        // The admin continues editing. If the tenant was created nevertheless, the key still identifies it.
        self.drafts().save(&self.to_stored(false));
        self.phase.set(FormPhase::Editing);
        browser::focus("h1");
    }

    /// Returns to the form with the same draft and a new key, because the old key is used up.
    pub fn renew_key(self) {
        self.replace_key();
        self.back_to_draft();
    }

    /// Empties the form and replaces the key. [`Self::undo_discard`] restores the draft.
    pub fn start_over(self) {
        self.discarded.set(Some(self.to_stored(false)));
        self.problems.set(Vec::new());
        self.draft.set(Draft::default());
        self.slug_edited.set(false);
        self.replace_key();
        self.phase.set(FormPhase::Editing);
        browser::focus("#name");
    }

    /// Empties the form after another tab has submitted the draft.
    pub fn start_next(self) {
        self.start_over();
        self.discarded.set(None);
    }

    /// Restores the draft that "Start over" discarded.
    pub fn undo_discard(self) {
        if let Some(stored) = self.discarded.get_untracked() {
            self.restore(stored);
            self.discarded.set(None);
            browser::focus("#name");
        }
    }

    fn drafts(self) -> DraftStore {
        self.drafts.get_value()
    }

    fn replace_key(self) {
        self.key.set(new_key());
        self.attempts.set(0);
    }
}

/// Whether a failure leaves open if the tenant was created: no response arrived, or the response reports an
/// ambiguous error without a request on record.
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
