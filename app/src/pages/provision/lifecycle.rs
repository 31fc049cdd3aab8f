//! Connects the state of the form to the browser's storage, to other tabs, and to the parts of the page.

use domain::{paths, provisioning::Draft};
use leptos::{prelude::*, task::spawn_local};

use super::{
    checks::start_checks,
    state::{FormPhase, FormState},
    submit::{self, SUBMIT},
};
use crate::{
    Failure,
    browser::{self, StoredDraft},
};

/// Loads the stored draft after hydration, stores every change, and follows other tabs.
pub(super) fn start(state: FormState) {
    Effect::new(move |_| load(state));
    Effect::new(move |_| state.store());
    state.drafts().on_change(move |stored| sync_with_other_tab(state, stored));
}

/// Starts the checks and downloads the code for the submit. Called when a control gets the focus, or when the
/// stored draft contains input.
pub(super) fn prepare(state: FormState) {
    if let Some(owner) = state.checks_owner.try_update_value(Option::take).flatten() {
        spawn_local(async move {
            if start_checks(owner.clone(), state).await.is_err() {
                // Retry when a control gets the focus again.
                let _ = state.checks_owner.try_set_value(Some(owner));
            }
        });
        SUBMIT.preload();
    }
}

/// Validates the draft with the same code as the server, then sends it.
pub(super) fn submit(state: FormState) {
    spawn_local(async move {
        if submit::submit(state).await.is_err() {
            report_missing_code(state);
        }
    });
}

/// Shows the same failure as for a missing response, because the code of the submit cannot be downloaded. The
/// admin can try again.
fn report_missing_code(state: FormState) {
    let _ = state.phase.try_set(FormPhase::Refused(Failure::Unreachable));
}

/// Loads the stored draft after hydration. If the draft was submitted, looks up its outcome.
fn load(state: FormState) {
    let is_untouched = state.phase.get_untracked() == FormPhase::Editing
        && state.problems.with_untracked(Vec::is_empty)
        && state.posted_refusal.with_untracked(Option::is_none);
    let stored = state.drafts().load();
    if state.is_reopened {
        replace_stored(state, stored);
    } else if let Some(stored) = stored.filter(|_| is_untouched) {
        let (key, submitted, empty) = (stored.key.clone(), stored.submitted, stored.draft.is_empty());
        state.restore(stored);
        if submitted {
            state.phase.set(FormPhase::Submitting(Vec::new()));
            spawn_local(async move {
                if submit::watch(state, key).await.is_err() {
                    report_missing_code(state);
                }
            });
        } else if !empty {
            spawn_local(async move {
                let _ = submit::find_outcome(state, key).await;
            });
        }
    }
    if let Some((rendered, typed)) = state.typed.try_update_value(Option::take).flatten() {
        state.merge_typed(&rendered, typed);
    }
    state.loaded.set(true);
    if !state.draft.with_untracked(Draft::is_empty) {
        prepare(state);
    }
}

/// Replaces the stored draft with the draft of a failed request, and offers to restore the replaced draft.
/// Removes the request from the address, so that a reload loads the stored draft with later edits. Asks first
/// if the stored draft was submitted and has no response yet, because its key finds the outcome.
fn replace_stored(state: FormState, stored: Option<StoredDraft>) {
    let key = state.key.get_untracked();
    match stored.filter(|stored| stored.key != key) {
        Some(stored) if stored.submitted => state.phase.set(FormPhase::Unanswered(Box::new(stored))),
        replaced => {
            state.discarded.set(replaced);
            browser::replace_address(paths::PROVISION);
        }
    }
}

/// Handles a change of the stored draft by another tab: applies the edits, or shows that the other tab has
/// submitted the draft. A draft that only this tab has is never replaced.
fn sync_with_other_tab(state: FormState, stored: Option<StoredDraft>) {
    if state.phase.get_untracked() != FormPhase::Editing {
        return;
    }
    match stored {
        Some(stored) if stored.submitted => {}
        Some(stored) if stored.key == state.key.get_untracked() => state.adopt(stored),
        _ => spawn_local(async move {
            let _ = submit::follow_other_tab(state).await;
        }),
    }
}
