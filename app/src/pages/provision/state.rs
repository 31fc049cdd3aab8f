mod keeping;

use domain::{
    ErrorCode, FieldProblem, RequestStatus,
    provisioning::{Draft, NewTenant},
    slug::{Slug, slug_from_name},
    stage::StageMark,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    checks::Checks,
    start::{End, Start},
};
use crate::{
    Failure,
    browser::{self, DraftStore, StoredDraft, Subject, Watch, new_key},
    pages::FreshOutcome,
    server_fns::{self, Made, Record},
    visitor::PageContext,
};

/// What the page is right now.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Phase {
    Editing,
    /// The stages that are known so far.
    Running(Vec<StageMark>),
    Refused(Failure),
    /// Only after a post without scripting; otherwise the request's own page shows it.
    Made(Box<Made>),
    /// Another tab submitted this draft.
    Elsewhere(Box<Record>),
}

/// Whether the browser keeps the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    Nothing,
    Kept,
    Refused,
}

/// Everything the form knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Provisioning {
    pub key: RwSignal<String>,
    pub draft: RwSignal<Draft>,
    pub slug_edited: RwSignal<bool>,
    pub phase: RwSignal<Phase>,
    /// The fields at fault at the last submit; a field leaves the list when it is edited.
    pub problems: RwSignal<Vec<FieldProblem>>,
    /// Why a form that was posted without scripting was refused.
    pub refusal: RwSignal<Option<Failure>>,
    pub saved: RwSignal<Saved>,
    /// What "start over" threw away, until something is typed.
    pub discarded: RwSignal<Option<StoredDraft>>,
    pub checks: Checks,
    watch: Watch,
    /// How many attempts under this key are known to have failed: what the record says of these
    /// is not the outcome of a later one.
    attempts: RwSignal<u32>,
    /// Becomes true once the stored draft was read: nothing is stored before.
    loaded: RwSignal<bool>,
    /// The draft as the server rendered it, and as it stood when the browser took over.
    typed: StoredValue<Option<(Draft, Draft)>>,
    drafts: StoredValue<DraftStore>,
    fresh: FreshOutcome,
    surroundings: StoredValue<PageContext>,
    open_request: Callback<String>,
}

impl Provisioning {
    pub fn new(start: Start) -> Self {
        let navigate = use_navigate();
        let surroundings = expect_context::<PageContext>();
        // Before the view is made: that sets each field to what the server rendered.
        let typed = browser::read_form_values("form[action='/provision']");
        let typed = typed.map(|typed| (start.draft.clone(), typed));
        let draft = RwSignal::new(start.draft);
        let refusal = match &start.end {
            Some(End::Refused(failure)) => Some(failure.clone()),
            _ => None,
        };
        let (phase, problems) = match start.end {
            None => (Phase::Editing, Vec::new()),
            Some(End::Made(made)) => (Phase::Made(made), Vec::new()),
            Some(End::Faults(problems)) => (Phase::Editing, problems),
            Some(End::Refused(_)) => (Phase::Editing, Vec::new()),
        };
        let state = Self {
            key: RwSignal::new(start.key),
            draft,
            slug_edited: RwSignal::new(false),
            phase: RwSignal::new(phase),
            problems: RwSignal::new(problems),
            refusal: RwSignal::new(refusal),
            saved: RwSignal::new(Saved::Nothing),
            discarded: RwSignal::new(None),
            checks: Checks::new(draft),
            watch: Watch::new(),
            attempts: RwSignal::new(0),
            loaded: RwSignal::new(false),
            typed: StoredValue::new(typed),
            drafts: StoredValue::new(DraftStore::of(&surroundings.employee_id)),
            fresh: expect_context(),
            surroundings: StoredValue::new(surroundings),
            open_request: Callback::new(move |id: String| {
                navigate(
                    &format!("/provisioning/{id}"),
                    NavigateOptions { replace: true, ..NavigateOptions::default() },
                );
            }),
        };
        Effect::new(move |_| state.load());
        Effect::new(move |_| state.store());
        state.drafts().on_change(move |stored| state.follow_other_tab(stored));
        state
    }

    /// Edits a field and takes it off the list of faults.
    pub fn edit(self, field: &'static str, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
        self.problems.update(|problems| problems.retain(|problem| problem.field != field));
        self.discarded.set(None);
    }

    /// The name; the slug follows it until it was edited itself.
    pub fn edit_name(self, name: String) {
        let follow = !self.slug_edited.get_untracked();
        self.edit(domain::provisioning::path::NAME, |draft| {
            if follow {
                draft.slug = slug_from_name(&name);
            }
            draft.name = name;
        });
        if follow {
            self.edit(domain::provisioning::path::SLUG, |_| {});
        }
    }

    /// The slug, by hand. An emptied slug follows the name again.
    pub fn edit_slug(self, slug: String) {
        self.slug_edited.set(!slug.is_empty());
        self.edit(domain::provisioning::path::SLUG, |draft| draft.slug = slug);
    }

    /// Takes a suggestion.
    pub fn apply_slug(self, slug: &Slug) {
        self.edit_slug(slug.to_string());
        browser::focus("#slug");
    }

    /// Checks the draft with the server's own code, then sends it.
    pub fn submit(self) {
        if matches!(self.phase.get_untracked(), Phase::Running(_)) {
            return;
        }
        self.settle_blueprint();
        match NewTenant::parse(&self.draft.get_untracked(), browser::domain_to_ascii) {
            Ok(_) => self.send(),
            Err(problems) => self.show_faults(problems),
        }
    }

    /// A blueprint that is no longer configured becomes the usual one, which the form shows.
    fn settle_blueprint(self) {
        let chosen = self.draft.with_untracked(|draft| draft.blueprint.clone());
        let settled = self.surroundings.with_value(|here| here.blueprint(&chosen).map(|b| b.name.clone()));
        if let Some(settled) = settled.filter(|settled| *settled != chosen) {
            self.draft.update(|draft| draft.blueprint = settled);
        }
    }

    /// Sends the draft with its key; the same key as before makes this safe at any time.
    pub fn send(self) {
        let (key, draft) = (self.key.get_untracked(), self.draft.get_untracked());
        self.problems.set(Vec::new());
        self.refusal.set(None);
        self.phase.set(Phase::Running(Vec::new()));
        self.drafts().keep(&self.to_stored(true));
        browser::focus("h1");
        let drafts = self.drafts();
        spawn_local(async move {
            let answer = server_fns::provision(key.clone(), draft).await;
            self.settle(key, &drafts, answer);
        });
    }

    fn settle(self, key: String, drafts: &DraftStore, answer: Result<Made, Failure>) {
        if self.phase.is_disposed() {
            // The page was left: what is told only once waits for the request's own page.
            if let Ok(made) = answer {
                drafts.clear(&key);
                self.fresh.0.set(Some(made));
            }
            return;
        }
        match answer {
            Ok(made) => self.finish(made),
            Err(failure) if is_outcome_unknown(&failure) => self.watch_until_known(key, failure),
            Err(failure) => {
                self.note_attempt(&failure);
                self.refuse(failure);
            }
        }
    }

    /// One refusal may be the end of several attempts: the server repeats what can pass.
    fn note_attempt(self, failure: &Failure) {
        let counted = match failure {
            Failure::Problem(problem) => problem.attempt,
            Failure::Unreachable => None,
        };
        self.attempts.update(|attempts| *attempts = counted.unwrap_or(*attempts + 1));
    }

    /// Nobody knows how it ended: asks the record, by the key.
    fn watch_until_known(self, key: String, failure: Failure) {
        self.watch.start(Subject::Key(key), move |detail| self.see(detail), move || self.refuse(failure));
    }

    /// What the record says about a run whose answer did not arrive; false where it speaks of an
    /// earlier attempt.
    fn see(self, detail: Record) -> bool {
        let failed = detail.summary.status == RequestStatus::Failed;
        if failed && detail.summary.attempts <= self.attempts.get_untracked() {
            return false;
        }
        if failed {
            self.attempts.set(detail.summary.attempts);
        }
        match (detail.summary.status, detail.outcome, detail.problem) {
            (RequestStatus::Processing, ..) => {
                let marks =
                    detail.attempt_log.into_iter().next().map(|attempt| attempt.stages).unwrap_or_default();
                self.phase.set(Phase::Running(marks));
            }
            (RequestStatus::Completed, Some(tenant), _) => self.finish(Made { tenant, replayed: true }),
            (_, _, Some(problem)) => self.refuse(problem.into()),
            _ => self.refuse(ErrorCode::DuplicateRequest.into()),
        }
        true
    }

    fn finish(self, made: Made) {
        self.watch.stop();
        self.loaded.set(false);
        self.drafts().clear(&self.key.get_untracked());
        let id = made.tenant.request_id.to_string();
        self.fresh.0.set(Some(made));
        self.open_request.run(id);
    }

    fn refuse(self, failure: Failure) {
        self.watch.stop();
        let faults = match &failure {
            Failure::Problem(problem) => problem.errors.clone(),
            Failure::Unreachable => Vec::new(),
        };
        if faults.is_empty() {
            self.drafts().keep(&self.to_stored(is_outcome_unknown(&failure)));
            self.phase.set(Phase::Refused(failure));
            browser::focus("h1");
        } else {
            self.show_faults(faults);
            self.drafts().keep(&self.to_stored(false));
        }
    }

    fn show_faults(self, problems: Vec<FieldProblem>) {
        self.problems.set(problems);
        self.phase.set(Phase::Editing);
        browser::focus(".error-summary");
    }

    /// Back to the form, with everything in it.
    pub fn back_to_draft(self) {
        // Whoever goes back edits on; should the request have been made, its key still finds it.
        self.drafts().keep(&self.to_stored(false));
        self.phase.set(Phase::Editing);
        browser::focus("h1");
    }

    /// The same draft under a new key, for a key that is used up.
    pub fn renew_key(self) {
        self.take_new_key();
        self.back_to_draft();
    }

    /// An empty form with a new key; what was there can be brought back.
    pub fn start_over(self) {
        self.discarded.set(Some(self.to_stored(false)));
        self.problems.set(Vec::new());
        self.draft.set(Draft::default());
        self.slug_edited.set(false);
        self.take_new_key();
        self.phase.set(Phase::Editing);
        browser::focus("#name");
    }

    fn drafts(self) -> DraftStore {
        self.drafts.get_value()
    }

    fn take_new_key(self) {
        self.key.set(new_key());
        self.attempts.set(0);
    }

    /// An empty form after this draft became a tenant in another tab.
    pub fn begin_anew(self) {
        self.start_over();
        self.discarded.set(None);
    }

    /// Undoes "start over".
    pub fn undo_discard(self) {
        if let Some(stored) = self.discarded.get_untracked() {
            self.adopt(stored);
            self.discarded.set(None);
            browser::focus("#name");
        }
    }
}

/// Whether nobody knows what became of a submitted draft: no answer came, or one without a
/// request on record. Then the record is asked, never guessed.
pub(super) fn is_outcome_unknown(failure: &Failure) -> bool {
    match failure {
        Failure::Unreachable => true,
        Failure::Problem(problem) => {
            let unsure = [
                ErrorCode::RequestInProgress,
                ErrorCode::DatabaseUnavailable,
                ErrorCode::Timeout,
                ErrorCode::ProvisioningFailed,
            ];
            problem.request_id.is_none() && unsure.contains(&problem.code)
        }
    }
}
