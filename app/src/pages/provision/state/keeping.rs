//! The draft in the browser's storage: kept on every change, found again, shared between tabs.

use domain::{RequestStatus, provisioning::Draft};
use leptos::{prelude::*, task::spawn_local};

use super::{Phase, Provisioning, Saved};
use crate::{Failure, browser::StoredDraft, server_fns};

impl Provisioning {
    pub(super) fn adopt(self, stored: StoredDraft) {
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

    /// Reads the stored draft once the browser has taken over, and looks what became of it.
    pub(super) fn load(self) {
        let untouched = self.phase.get_untracked() == Phase::Editing
            && self.problems.with_untracked(Vec::is_empty)
            && self.refusal.with_untracked(Option::is_none);
        if let Some(stored) = self.drafts().load().filter(|_| untouched) {
            let (key, submitted, empty) = (stored.key.clone(), stored.submitted, stored.draft.is_empty());
            self.adopt(stored);
            if submitted {
                self.phase.set(Phase::Running(Vec::new()));
                self.watch_until_known(key, Failure::Unreachable);
            } else if !empty {
                self.look_back(key);
            }
        }
        if let Some((rendered, typed)) = self.typed.try_update_value(Option::take).flatten() {
            self.take_over(&rendered, typed);
        }
        self.loaded.set(true);
    }

    /// Keeps what was typed before the browser took over.
    fn take_over(self, rendered: &Draft, typed: Draft) {
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

    /// A draft whose key has made its tenant shows that tenant, not the form.
    fn look_back(self, key: String) {
        spawn_local(async move {
            let found = server_fns::find_by_key(key).await.ok().flatten();
            let made = found.filter(|detail| {
                detail.summary.status == RequestStatus::Completed && !self.phase.is_disposed()
            });
            made.map(|detail| self.see(detail));
        });
    }

    /// Keeps the draft on every change.
    pub(super) fn store(self) {
        let stored = StoredDraft {
            key: self.key.get(),
            draft: self.draft.get(),
            slug_edited: self.slug_edited.get(),
            attempts: self.attempts.get(),
            submitted: false,
        };
        if !self.loaded.get() || self.phase.get_untracked() != Phase::Editing {
            return;
        }
        let drafts = self.drafts();
        let there = drafts.load();
        if there.as_ref().is_some_and(|there| there.key == stored.key && there.submitted) {
            // Another tab is waiting for this draft's answer, and needs to find it again.
            return;
        }
        let kept = there.as_ref() == Some(&stored) || drafts.keep(&stored);
        self.saved.set(match kept {
            true if stored.draft.is_empty() => Saved::Nothing,
            true => Saved::Kept,
            false => Saved::Refused,
        });
    }

    /// Two tabs on one draft: what the other one types appears here, and when it submits, this
    /// one finds out what became of the draft.
    pub(super) fn follow_other_tab(self, stored: Option<StoredDraft>) {
        if self.phase.get_untracked() != Phase::Editing {
            return;
        }
        match stored {
            Some(stored) if stored.submitted => {}
            Some(stored) if stored.key == self.key.get_untracked() => self.adopt(stored),
            other => spawn_local(async move {
                let found = server_fns::find_by_key(self.key.get_untracked()).await;
                if self.phase.is_disposed() {
                    return;
                }
                let made =
                    found.ok().flatten().filter(|detail| detail.summary.status == RequestStatus::Completed);
                match (made, other) {
                    (Some(detail), _) => self.phase.set(Phase::Elsewhere(Box::new(detail))),
                    (None, Some(stored)) => self.adopt(stored),
                    (None, None) => {}
                }
            }),
        }
    }
}
