use domain::provisioning::Draft;
use serde::{Deserialize, Serialize};

/// A draft in the browser's storage. A draft never contains a secret or a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredDraft {
    /// The idempotency key, which all tabs with this draft share.
    pub key: String,
    pub draft: Draft,
    /// Whether the slug was edited and no longer follows the name.
    pub slug_edited: bool,
    /// The number of failed attempts with this key.
    #[serde(default)]
    pub attempts: u32,
    /// Whether the draft was submitted and its outcome is not known yet.
    pub submitted: bool,
}

/// The storage of one employee's draft, shared by all tabs. Several employees can use one browser. On the
/// server the storage is always empty.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub(crate) struct DraftStore {
    /// The name of the stored item.
    name: String,
}

impl DraftStore {
    pub(crate) fn new(employee_id: &str) -> Self {
        // The number is the version of the stored format.
        Self { name: format!("tenantry.draft.1.{employee_id}") }
    }

    /// Deletes the draft if it has this key.
    pub(crate) fn clear(&self, key: &str) {
        if self.load().is_some_and(|stored| stored.key == key) {
            self.delete();
        }
    }
}

#[cfg(feature = "hydrate")]
mod storage {
    use leptos::{ev, prelude::*};

    use super::{DraftStore, StoredDraft};
    use crate::{browser::storage::local_storage, codec::from_json};

    impl DraftStore {
        /// The stored draft. Returns `None` for a draft that cannot be parsed.
        pub(crate) fn load(&self) -> Option<StoredDraft> {
            from_json(&local_storage()?.get_item(&self.name).ok()??).ok()
        }

        /// Stores the draft. Returns false if the browser refuses: no space or no permission.
        pub(crate) fn save(&self, draft: &StoredDraft) -> bool {
            let json = serde_json::to_string(draft).ok();
            let stored = json.and_then(|json| local_storage()?.set_item(&self.name, &json).ok());
            stored.is_some()
        }

        pub(super) fn delete(&self) {
            // If the browser blocks storage, no draft is stored.
            let _ = local_storage().map(|storage| storage.remove_item(&self.name));
        }

        /// Calls `on_change` when another tab stores or deletes the draft, until the component is removed.
        pub(crate) fn on_change(self, on_change: impl Fn(Option<StoredDraft>) + 'static) {
            let handle = window_event_listener(ev::storage, move |event| {
                if event.key().as_deref() == Some(&self.name) {
                    on_change(self.load());
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

    pub(crate) fn save(&self, _draft: &StoredDraft) -> bool {
        false
    }

    fn delete(&self) {}

    pub(crate) fn on_change(self, _on_change: impl Fn(Option<StoredDraft>) + 'static) {}
}
