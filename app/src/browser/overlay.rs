#[cfg(not(feature = "hydrate"))]
pub(crate) use self::no_browser::*;
#[cfg(feature = "hydrate")]
pub(crate) use self::with_browser::*;

#[cfg(feature = "hydrate")]
mod with_browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;

    /// Opens a modal dialog by its ID.
    pub(crate) fn open_dialog(id: &str) {
        // Throws if the dialog is already open, which needs no handling.
        let _ = element::<web_sys::HtmlDialogElement>(id).map(|dialog| dialog.show_modal());
    }

    /// Closes a dialog by its ID.
    pub(crate) fn close_dialog(id: &str) {
        if let Some(dialog) = element::<web_sys::HtmlDialogElement>(id) {
            dialog.close();
        }
    }

    /// Closes a popover by its ID.
    pub(crate) fn hide_popover(id: &str) {
        // Throws if the element is not an open popover, which needs no handling.
        let _ = element::<web_sys::HtmlElement>(id).map(|popover| popover.hide_popover());
    }

    /// Opens or closes a popover by its ID.
    pub(crate) fn toggle_popover(id: &str) {
        let _ = element::<web_sys::HtmlElement>(id).map(|popover| popover.toggle_popover());
    }

    fn element<E: JsCast>(id: &str) -> Option<E> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }
}

#[cfg(not(feature = "hydrate"))]
mod no_browser {
    pub(crate) fn open_dialog(_id: &str) {}
    pub(crate) fn close_dialog(_id: &str) {}
    pub(crate) fn hide_popover(_id: &str) {}
    pub(crate) fn toggle_popover(_id: &str) {}
}
