/// The storage of this origin. Returns `None` if the browser blocks storage.
pub(super) fn local_storage() -> Option<web_sys::Storage> {
    leptos::prelude::window().local_storage().ok().flatten()
}
