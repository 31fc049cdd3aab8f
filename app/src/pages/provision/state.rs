//! The state of the provisioning form.
//!
//! [`FormState`] holds the draft, its idempotency key and the current [`FormPhase`]. One key creates at most
//! one tenant, so the form may send a draft again at any time. The form follows three rules:
//!
//! - The draft is stored with its key on every change ([`persistence`]), so a reload continues with the same
//!   key. All tabs share the stored draft.
//! - If a response does not arrive, the outcome is unknown. The form then watches the request by its key.
//! - Only the admin replaces a key, with "Start over", "Use a new key" or "Provision another". A refused
//!   draft keeps its key, also after edits, because the key of a failed request can be used again.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Editing
//!     Editing --> Editing: submit, fields are invalid
//!     Editing --> Submitting: submit
//!     Submitting --> Editing: the server refuses fields
//!     Submitting --> Refused: any other refusal, or no request has this key
//!     Submitting --> Submitting: outcome unknown, watch by key
//!     Submitting --> [*]: provisioned, open the request's page
//!     Refused --> Submitting: try again
//!     Refused --> Editing: back to the draft, or use a new key
//!     Editing --> SubmittedInOtherTab: another tab has provisioned this draft
//!     SubmittedInOtherTab --> Editing: provision another
//!     [*] --> Unanswered: a request was opened as a draft, and the stored draft has no response yet
//!     Unanswered --> Submitting: return to the stored draft
//!     Unanswered --> Editing: replace the stored draft
//!     [*] --> Provisioned: posted without JavaScript
//! ```

mod persistence;
mod refusal;

use domain::{
    FieldProblem, Problem, paths,
    provisioning::{Draft, DraftField},
    slug::{Slug, slug_from_name},
    stage::StageTime,
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    initial_state::{InitialState, PostedResult},
    read_form::read_form,
};
use crate::{
    Failure,
    browser::{self, DraftStore, RequestWatcher, StoredDraft, new_key},
    page_context::PageContext,
    pages::{LatestOutcome, value_check::CheckResult},
};

/// The phase of the form. The documentation of the module contains a diagram.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FormPhase {
    Editing,
    /// The draft was sent. Contains the stages that were reached, if they are known.
    Submitting(Vec<StageTime>),
    Refused(Failure),
    /// The admin has opened a failed request as a draft. The stored draft, which this draft would replace, was
    /// submitted and has no response yet.
    Unanswered(Box<StoredDraft>),
    /// A form that was posted without JavaScript created a tenant. Contains the outcome as JSON. With
    /// JavaScript, the request's page shows the tenant instead.
    Provisioned(String),
    SubmittedInOtherTab {
        id: String,
        name: String,
    },
}

/// The state of the form, shared by its components.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormState {
    pub key: RwSignal<String>,
    pub draft: RwSignal<Draft>,
    pub slug_edited: RwSignal<bool>,
    pub phase: RwSignal<FormPhase>,
    /// The problems of the last submit. An edit of a field removes its problem.
    pub problems: RwSignal<Vec<FieldProblem>>,
    /// The refusal that `problems` belong to. `None` if the browser has found the problems.
    pub refused: RwSignal<Option<Problem>>,
    /// Why a form post without JavaScript was refused, for a reason other than its fields.
    pub posted_refusal: RwSignal<Option<Failure>>,
    /// Whether the browser has stored the draft. `None` if there is no input to store.
    pub is_saved: RwSignal<Option<bool>>,
    /// The draft that "Start over" discarded or a reopened draft replaced, until the next edit.
    pub discarded: RwSignal<Option<StoredDraft>>,
    pub slug_check: RwSignal<CheckResult>,
    /// Whether the slug is empty and cannot be derived from the name.
    pub must_enter_slug: RwSignal<bool>,
    pub email_check: RwSignal<CheckResult>,
    /// Notifies if the slug and the e-mail must be checked again, although they have not changed.
    pub recheck: RwSignal<()>,
    /// The reactive owner under which the checks run. `None` after they have started.
    pub(super) checks_owner: StoredValue<Option<Owner>>,
    pub(super) watcher: RequestWatcher,
    /// The number of failed attempts with this key. A failed record with at most this number of
    /// attempts belongs to an earlier submit.
    pub(super) attempts: RwSignal<u32>,
    /// Whether the stored draft was loaded. Until then, the form does not store its draft.
    pub(super) loaded: RwSignal<bool>,
    /// Whether the draft is that of a failed request, which the admin has opened again.
    pub(super) is_reopened: bool,
    /// The draft that the server rendered, and the draft with the input from before hydration.
    pub(super) typed: StoredValue<Option<(Draft, Draft)>>,
    drafts: StoredValue<DraftStore>,
    pub(super) latest_outcome: LatestOutcome,
    pub(super) open_request: Callback<String>,
}

impl FormState {
    pub fn new(initial: InitialState) -> Self {
        let navigate = use_navigate();
        // Read the input before creating the view, which resets each control to the rendered value.
        let typed = read_form().map(|typed| (initial.draft.clone(), typed));
        let state = Self {
            key: RwSignal::new(initial.key),
            slug_edited: RwSignal::new(!initial.draft.slug.is_empty()),
            draft: RwSignal::new(initial.draft),
            phase: RwSignal::new(FormPhase::Editing),
            problems: RwSignal::new(Vec::new()),
            refused: RwSignal::new(None),
            posted_refusal: RwSignal::new(None),
            is_saved: RwSignal::new(None),
            discarded: RwSignal::new(None),
            slug_check: RwSignal::new(CheckResult::default()),
            must_enter_slug: RwSignal::new(false),
            email_check: RwSignal::new(CheckResult::default()),
            recheck: RwSignal::new(()),
            checks_owner: StoredValue::new(Owner::current()),
            watcher: RequestWatcher::new(),
            attempts: RwSignal::new(initial.attempts),
            loaded: RwSignal::new(false),
            is_reopened: initial.is_reopened,
            typed: StoredValue::new(typed),
            drafts: StoredValue::new(DraftStore::new(&expect_context::<PageContext>().employee_id)),
            latest_outcome: expect_context(),
            open_request: Callback::new(move |id: String| {
                navigate(
                    &paths::request(id),
                    NavigateOptions { replace: true, ..NavigateOptions::default() },
                );
            }),
        };
        initial.posted_result.into_iter().for_each(|result| state.show_posted(result));
        state
    }

    /// Shows the result of a form post without JavaScript.
    fn show_posted(self, result: PostedResult) {
        match result {
            PostedResult::Provisioned(json) => self.phase.set(FormPhase::Provisioned(json)),
            PostedResult::Refused(Failure::Problem(problem)) if self.mark_refused(&problem) => {}
            PostedResult::Refused(failure) => self.posted_refusal.set(Some(failure)),
        }
    }

    /// The name of the tenant in texts about the outcome.
    pub(super) fn tenant_name(self) -> String {
        match self.draft.with_untracked(|draft| draft.name.trim().to_owned()) {
            name if name.is_empty() => "The tenant".to_owned(),
            name => name,
        }
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

    /// Applies an edit of a text field.
    pub fn edit_text(self, field: DraftField, text: String) {
        match field {
            DraftField::Slug => self.edit_slug(text),
            _ => self.set_field(field, text),
        }
    }

    /// Derives the slug from this name, unless the slug was edited. Only parts of the page call this, so that
    /// the page's own chunk does not contain the transliteration.
    pub(super) fn derive_slug(self, name: &str) {
        let slug = slug_from_name(name);
        let is_outdated = self.draft.with_untracked(|draft| draft.slug != slug);
        if is_outdated && !self.slug_edited.get_untracked() {
            self.set_field(DraftField::Slug, slug);
        }
    }

    /// Sets the slug. If the slug is empty, later edits of the name set the slug again.
    fn edit_slug(self, slug: String) {
        self.slug_edited.set(!slug.is_empty());
        self.set_field(DraftField::Slug, slug);
    }

    /// Applies a suggested slug.
    pub fn apply_slug(self, slug: &Slug) {
        self.edit_slug(slug.to_string());
        browser::focus("#slug");
    }

    /// Shows the problems that the browser has found.
    pub(super) fn show_problems(self, problems: Vec<FieldProblem>) {
        self.refused.set(None);
        self.problems.set(problems);
        self.phase.set(FormPhase::Editing);
        browser::focus(".error-summary");
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

    pub(super) fn drafts(self) -> DraftStore {
        self.drafts.get_value()
    }

    pub(super) fn replace_key(self) {
        self.key.set(new_key());
        self.attempts.set(0);
    }
}
