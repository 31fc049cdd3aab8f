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

/// Where an employee's draft is kept, for all tabs: at one browser people may take turns. On the
/// server it is always empty.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub(crate) struct DraftStore {
    name: String,
}

impl DraftStore {
    pub(crate) fn of(employee_id: &str) -> Self {
        // The number is the shape's version.
        Self { name: format!("tenantry.draft.1.{employee_id}") }
    }

    /// Forgets the draft of a key that made its tenant.
    pub(crate) fn clear(&self, key: &str) {
        if self.load().is_some_and(|stored| stored.key == key) {
            self.delete();
        }
    }
}

#[cfg(feature = "hydrate")]
mod storage {
    use gloo_storage::{LocalStorage, Storage};
    use leptos::{ev, prelude::*};

    use super::{DraftStore, StoredDraft};

    impl DraftStore {
        /// The stored draft. One that cannot be read is as good as none.
        pub(crate) fn load(&self) -> Option<StoredDraft> {
            LocalStorage::get(&self.name).ok()
        }

        /// Keeps the draft; false where the browser refuses (no space, no permission).
        pub(crate) fn keep(&self, draft: &StoredDraft) -> bool {
            LocalStorage::set(&self.name, draft).is_ok()
        }

        pub(super) fn delete(&self) {
            LocalStorage::delete(&self.name);
        }

        /// Calls `changed` with what another tab stored, until the page is left.
        pub(crate) fn on_change(self, changed: impl Fn(Option<StoredDraft>) + 'static) {
            let handle = window_event_listener(ev::storage, move |event| {
                if event.key().as_deref() == Some(&self.name) {
                    changed(self.load());
                }
            });
            on_cleanup(move || handle.remove());
        }
    }
}

#[cfg(not(feature = "hydrate"))]
impl DraftStore {
    pub(crate) fn load(&self) -> Option<StoredDraft> {
        None
    }

    pub(crate) fn keep(&self, _draft: &StoredDraft) -> bool {
        false
    }

    fn delete(&self) {}

    pub(crate) fn on_change(self, _changed: impl Fn(Option<StoredDraft>) + 'static) {}
}
