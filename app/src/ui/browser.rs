//! What only a browser can do. On the server each of these does nothing.

#[cfg(not(feature = "hydrate"))]
mod imp {
    pub fn clock(_ms: i64) -> Option<(i64, i64)> {
        None
    }
    pub fn stored_theme() -> String {
        String::new()
    }
    pub fn store_theme(_theme: Option<&str>) {}
    pub fn copy(_text: &str, _done: impl FnOnce(bool) + 'static) {}
    pub fn hide_popover(_id: &str) {}
    pub fn toggle_popover(_id: &str) -> bool {
        false
    }
    pub fn focus(_id: &str) -> bool {
        false
    }
    pub fn open_dialog(_id: &str) {}
    pub fn close_dialog(_id: &str) {}
    pub fn on_key(_pressed: impl Fn(&str) -> bool + 'static) {}
}

#[cfg(feature = "hydrate")]
mod imp {
    use leptos::{ev, prelude::*};
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};

    const THEME_KEY: &str = "tenantry.theme";

    pub fn clock(ms: i64) -> Option<(i64, i64)> {
        // Unix milliseconds and minutes are far inside f64's and i64's exact range.
        let at = js_sys::Date::new(&JsValue::from_f64(ms as f64));
        Some((js_sys::Date::now() as i64, -(at.get_timezone_offset() as i64)))
    }

    /// Storage is absent or throws where the reader has turned it off.
    fn storage() -> Option<web_sys::Storage> {
        window().local_storage().ok().flatten()
    }

    pub fn stored_theme() -> String {
        storage().and_then(|storage| storage.get_item(THEME_KEY).ok().flatten()).unwrap_or_default()
    }

    pub fn store_theme(theme: Option<&str>) {
        let root = document().document_element();
        match theme {
            Some(theme) => {
                let _ = root.map(|root| root.set_attribute("data-theme", theme));
                let _ = storage().map(|storage| storage.set_item(THEME_KEY, theme));
            }
            None => {
                let _ = root.map(|root| root.remove_attribute("data-theme"));
                let _ = storage().map(|storage| storage.remove_item(THEME_KEY));
            }
        }
    }

    pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
        let navigator = window().navigator();
        // Undefined on plain-HTTP origins, where calling it would throw.
        let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
        if !clipboard.is_ok_and(|clipboard| clipboard.is_object()) {
            return done(false);
        }
        let done = std::rc::Rc::new(std::cell::Cell::new(Some(done)));
        let settle = |worked: bool| {
            let done = done.clone();
            Closure::once(move |_: JsValue| {
                if let Some(done) = done.take() {
                    done(worked);
                }
            })
        };
        let (kept, refused) = (settle(true), settle(false));
        let _ = navigator.clipboard().write_text(text).then2(&kept, &refused);
        // The promise settles later; the browser frees them with the page.
        kept.forget();
        refused.forget();
    }

    fn element(id: &str) -> Option<web_sys::HtmlElement> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    pub fn hide_popover(id: &str) {
        // Throws when it is not a popover that is open, which is as good.
        let _ = element(id).map(|element| element.hide_popover());
    }

    pub fn toggle_popover(id: &str) -> bool {
        element(id).is_some_and(|element| element.toggle_popover().is_ok())
    }

    pub fn focus(id: &str) -> bool {
        element(id).is_some_and(|element| element.focus().is_ok())
    }

    fn dialog(id: &str) -> Option<web_sys::HtmlDialogElement> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    pub fn open_dialog(id: &str) {
        // Throws when it is open already, which is as good.
        let _ = dialog(id).map(|dialog| dialog.show_modal());
    }

    pub fn close_dialog(id: &str) {
        if let Some(dialog) = dialog(id) {
            dialog.close();
        }
    }

    pub fn on_key(pressed: impl Fn(&str) -> bool + 'static) {
        let pressed = StoredValue::new_local(pressed);
        Effect::new(move |_| {
            let handle = window_event_listener(ev::keydown, move |event| {
                let chord = event.ctrl_key() || event.alt_key() || event.meta_key();
                if !chord
                    && !is_typing()
                    && pressed.try_with_value(|pressed| pressed(&event.key())) == Some(true)
                {
                    event.prevent_default();
                }
            });
            on_cleanup(move || handle.remove());
        });
    }

    /// Whether keys go into a control.
    fn is_typing() -> bool {
        let tag = document().active_element().map(|element| element.tag_name());
        tag.is_some_and(|tag| matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
    }
}

/// Now in Unix milliseconds, and how many minutes east of UTC the viewer is at `ms`.
pub(super) use imp::clock;
/// Closes a dialog by its id.
pub(super) use imp::close_dialog;
/// Writes to the clipboard; `done` hears whether it worked.
pub(super) use imp::copy;
/// Moves the focus to a control by its id; whether there is one.
pub(super) use imp::focus;
/// Closes a popover by its id.
pub(super) use imp::hide_popover;
/// Calls `pressed` with each key that is not meant for a control, until the component is gone. It
/// says whether it took the key.
pub(super) use imp::on_key;
/// Opens a dialog by its id, above everything else.
pub(super) use imp::open_dialog;
/// Sets the theme on the document and remembers it; none goes back to the system's.
pub(super) use imp::store_theme;
/// The remembered theme, or an empty text.
pub(super) use imp::stored_theme;
/// Opens or closes a popover by its id; whether there is one.
pub(super) use imp::toggle_popover;
