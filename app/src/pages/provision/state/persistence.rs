//! Stores the draft in the browser on every change, and restores it.

use domain::provisioning::Draft;
use leptos::prelude::*;

use super::{FormPhase, FormState};
use crate::{browser::StoredDraft, pages::provision::read_form::read_form};

impl FormState {
    /// Replaces the draft and its key with a stored draft.
    pub(in super::super) fn restore(self, stored: StoredDraft) {
        self.key.set(stored.key);
        self.attempts.set(stored.attempts);
        self.slug_edited.set(stored.slug_edited);
        self.draft.set(stored.draft);
    }

    /// Replaces the draft and its key with the draft that another tab has stored, unless only this tab has
    /// the current draft.
    pub(in super::super) fn adopt(self, stored: StoredDraft) {
        let is_only_copy = self.is_draft_lost_with_tab() && !self.draft.with_untracked(Draft::is_empty);
        if !is_only_copy {
            self.restore(stored);
        }
    }

    pub(in super::super) fn to_stored(self, submitted: bool) -> StoredDraft {
        StoredDraft {
            key: self.key.get_untracked(),
            draft: self.draft.get_untracked(),
            slug_edited: self.slug_edited.get_untracked(),
            attempts: self.attempts.get_untracked(),
            submitted,
        }
    }

    /// Applies the values that were set without events, as password managers do. Also selects the default
    /// blueprint, which the form shows, if the draft's blueprint is no longer configured.
    pub(in super::super) fn merge_form_values(self) {
        if let Some(shown) = read_form() {
            self.merge_typed(&self.draft.get_untracked(), shown);
        }
    }

    /// Applies the edits that the draft does not contain yet: the differences between `rendered` and `typed`.
    pub(in super::super) fn merge_typed(self, rendered: &Draft, typed: Draft) {
        let before = self.draft.get_untracked();
        let is_renamed = typed.name != rendered.name;
        let mut merged = before.clone().with_edits(rendered, typed);
        if merged == before {
            return;
        }
        self.slug_edited.update(|edited| *edited |= merged.slug != before.slug);
        if is_renamed && !self.slug_edited.get_untracked() {
            // The slug is derived from the new name.
            merged.slug.clear();
        }
        self.draft.set(merged);
    }

    /// Whether only this tab has the draft, because the browser cannot store it.
    pub(in super::super) fn is_draft_lost_with_tab(self) -> bool {
        self.is_saved.get_untracked() == Some(false)
    }

    /// Stores the draft on every change.
    pub(in super::super) fn store(self) {
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
            // Another tab has submitted this draft. That tab needs `submitted` to find the outcome after a
            // reload.
            return;
        }
        let is_saved = stored.as_ref() == Some(&draft) || drafts.save(&draft);
        self.is_saved.set((!is_saved || !draft.draft.is_empty()).then_some(is_saved));
    }
}
