use domain::provisioning::Draft;
use serde::{Deserialize, Serialize};

/// What the browser keeps of a form: never a secret, never a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredDraft {
    /// The idempotency key that every tab on this draft shares.
    pub key: String,
    pub draft: Draft,
    /// Whether the slug was edited by hand and no longer follows the name.
    pub slug_edited: bool,
    /// How many attempts under the key are known to have failed.
    #[serde(default)]
    pub attempts: u32,
    /// Whether it was submitted and no answer came yet.
    pub submitted: bool,
}

#[cfg(feature = "hydrate")]
mod storage {
    use gloo_storage::{LocalStorage, Storage};
    use leptos::{ev, prelude::*};

    use super::StoredDraft;

    /// Where it is kept; the number is the shape's version.
    const NAME: &str = "tenantry.draft.1";

    /// The stored draft. One that cannot be read is as good as none.
    pub(crate) fn load_draft() -> Option<StoredDraft> {
        LocalStorage::get(NAME).ok()
    }

    /// Keeps the draft; false where the browser refuses (no space, no permission).
    pub(crate) fn store_draft(draft: &StoredDraft) -> bool {
        LocalStorage::set(NAME, draft).is_ok()
    }

    pub(crate) fn clear_draft() {
        LocalStorage::delete(NAME);
    }

    /// Calls `changed` with what another tab stored, until the page is left.
    pub(crate) fn on_draft_change(changed: impl Fn(Option<StoredDraft>) + 'static) {
        let handle = window_event_listener(ev::storage, move |event| {
            if event.key().as_deref() == Some(NAME) {
                changed(load_draft());
            }
        });
        on_cleanup(move || handle.remove());
    }
}

#[cfg(not(feature = "hydrate"))]
mod storage {
    use super::StoredDraft;

    pub(crate) fn load_draft() -> Option<StoredDraft> {
        None
    }

    pub(crate) fn store_draft(_draft: &StoredDraft) -> bool {
        false
    }

    pub(crate) fn clear_draft() {}

    pub(crate) fn on_draft_change(_changed: impl Fn(Option<StoredDraft>) + 'static) {}
}

use storage::clear_draft;
pub(crate) use storage::{load_draft, on_draft_change, store_draft};

/// Forgets the draft of a key that made its tenant after its page was left.
pub(crate) fn clear_draft_of(key: &str, made: bool) {
    if made && load_draft().is_some_and(|stored| stored.key == key) {
        clear_draft();
    }
}
