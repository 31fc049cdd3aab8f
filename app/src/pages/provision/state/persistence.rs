//! Stores the draft in the browser on every change, restores it, and shares it between tabs.

use domain::{RequestStatus, provisioning::Draft};
use leptos::{prelude::*, task::spawn_local};

use super::{FormPhase, FormState, SaveStatus};
use crate::{
    Failure,
    browser::StoredDraft,
    server_fns::{self, RequestRecord},
};

impl FormState {
    /// Replaces the draft and its key by a stored draft.
    pub(super) fn restore(self, stored: StoredDraft) {
        self.key.set(stored.key);
        self.attempts.set(stored.attempts);
        self.slug_edited.set(stored.slug_edited);
        self.draft.set(stored.draft);
    }

    pub(super) fn to_stored(self, submitted: bool) -> StoredDraft {
        StoredDraft {
            key: self.key.get_untracked(),
            draft: self.draft.get_untracked(),
            slug_edited: self.slug_edited.get_untracked(),
            attempts: self.attempts.get_untracked(),
            submitted,
        }
    }

    /// Loads the stored draft after hydration. If the draft was submitted, looks up its outcome.
    pub(super) fn load(self) {
        let untouched = self.phase.get_untracked() == FormPhase::Editing
            && self.problems.with_untracked(Vec::is_empty)
            && self.posted_refusal.with_untracked(Option::is_none);
        if let Some(stored) = self.drafts().load().filter(|_| untouched) {
            let (key, submitted, empty) = (stored.key.clone(), stored.submitted, stored.draft.is_empty());
            self.restore(stored);
            if submitted {
                self.phase.set(FormPhase::Submitting(Vec::new()));
                self.watch_until_known(key, Failure::Unreachable);
            } else if !empty {
                self.find_outcome(key);
            }
        }
        if let Some((rendered, typed)) = self.typed.try_update_value(Option::take).flatten() {
            self.merge_typed(&rendered, typed);
        }
        self.loaded.set(true);
    }

    /// Applies the input from before hydration.
    fn merge_typed(self, rendered: &Draft, typed: Draft) {
        let (before, name) = (self.draft.get_untracked(), typed.name.clone());
        let merged = before.clone().with_edits(rendered, typed);
        if merged == before {
            return;
        }
        self.slug_edited.update(|edited| *edited |= merged.slug != before.slug);
        self.draft.set(merged);
        if name != rendered.name {
            self.edit_name(name);
        }
    }

    /// Shows the tenant instead of the form if this key has already created one.
    fn find_outcome(self, key: String) {
        spawn_local(async move {
            let completed = find_completed(key).await.filter(|_| !self.phase.is_disposed());
            completed.map(|record| self.apply_record(record));
        });
    }

    /// Stores the draft on every change.
    pub(super) fn store(self) {
        let draft = StoredDraft {
            key: self.key.get(),
            draft: self.draft.get(),
            slug_edited: self.slug_edited.get(),
            attempts: self.attempts.get(),
            submitted: false,
        };
        if !self.loaded.get() || self.phase.get_untracked() != FormPhase::Editing {
            return;
        }
        let drafts = self.drafts();
        let stored = drafts.load();
        if stored.as_ref().is_some_and(|stored| stored.key == draft.key && stored.submitted) {
            // Another tab has submitted this draft. It needs `submitted` to find the outcome after a reload.
            return;
        }
        let is_saved = stored.as_ref() == Some(&draft) || drafts.save(&draft);
        self.save_status.set(match is_saved {
            true if draft.draft.is_empty() => SaveStatus::Empty,
            true => SaveStatus::Saved,
            false => SaveStatus::Failed,
        });
    }

    /// Handles a change of the stored draft by another tab: applies the edits, or shows that the other tab has
    /// submitted the draft.
    pub(super) fn sync_with_other_tab(self, stored: Option<StoredDraft>) {
        if self.phase.get_untracked() != FormPhase::Editing {
            return;
        }
        match stored {
            Some(stored) if stored.submitted => {}
            Some(stored) if stored.key == self.key.get_untracked() => self.restore(stored),
            other => spawn_local(async move {
                let completed = find_completed(self.key.get_untracked()).await;
                if self.phase.is_disposed() {
                    return;
                }
                match (completed, other) {
                    (Some(record), _) => self.phase.set(FormPhase::SubmittedInOtherTab(Box::new(record))),
                    (None, Some(stored)) => self.restore(stored),
                    (None, None) => {}
                }
            }),
        }
    }
}

/// The completed request with this key, if any.
async fn find_completed(key: String) -> Option<RequestRecord> {
    let record = server_fns::find_by_key(key).await.ok().flatten();
    record.filter(|record| record.summary.status == RequestStatus::Completed)
}
