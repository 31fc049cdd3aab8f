//! Functions that need a browser. On the server they do nothing.

#[cfg(not(feature = "hydrate"))]
mod imp {
    pub fn local_time_text(_ms: i64) -> String {
        String::new()
    }
    pub fn local_date_text(_ms: i64) -> String {
        String::new()
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
    pub fn on_key(_handle_key: impl Fn(&str) -> bool + 'static) {}
}

#[cfg(feature = "hydrate")]
mod imp {
    use leptos::{ev, prelude::*};
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};

    const THEME_KEY: &str = "tenantry.theme";
    /// The options of `Intl.DateTimeFormat` for a date such as "21 Nov 2026".
    const DATE: [(&str, &str); 3] = [("day", "numeric"), ("month", "short"), ("year", "numeric")];

    /// Formats with the given options of `Intl.DateTimeFormat`, in the viewer's time zone.
    fn format_local(ms: i64, options: &[(&str, &str)]) -> String {
        let object = js_sys::Object::new();
        for (name, value) in options {
            let _ = js_sys::Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
        }
        // Unix milliseconds are exact in f64.
        js_sys::Date::new(&JsValue::from_f64(ms as f64)).to_locale_string("en-GB", &object).into()
    }

    pub fn local_time_text(ms: i64) -> String {
        let clock = [("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit")];
        let options = [DATE.as_slice(), &clock, &[("timeZoneName", "short")]].concat();
        format_local(ms, &options)
    }

    pub fn local_date_text(ms: i64) -> String {
        format_local(ms, &DATE)
    }

    /// Returns `None` if the browser blocks storage.
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
        // The clipboard is undefined on plain-HTTP origins.
        let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
        if !clipboard.is_ok_and(|clipboard| clipboard.is_object()) {
            return done(false);
        }
        let done = std::rc::Rc::new(std::cell::Cell::new(Some(done)));
        let callback = |succeeded: bool| {
            let done = done.clone();
            Closure::once(move |_: JsValue| {
                if let Some(done) = done.take() {
                    done(succeeded);
                }
            })
        };
        let (on_success, on_failure) = (callback(true), callback(false));
        let _ = navigator.clipboard().write_text(text).then2(&on_success, &on_failure);
        // Leak the callbacks, because the promise calls one of them later.
        on_success.forget();
        on_failure.forget();
    }

    fn element(id: &str) -> Option<web_sys::HtmlElement> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    pub fn hide_popover(id: &str) {
        // Throws if the element is not an open popover, which needs no handling.
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
        // Throws if the dialog is already open, which needs no handling.
        let _ = dialog(id).map(|dialog| dialog.show_modal());
    }

    pub fn close_dialog(id: &str) {
        if let Some(dialog) = dialog(id) {
            dialog.close();
        }
    }

    pub fn on_key(handle_key: impl Fn(&str) -> bool + 'static) {
        let handle_key = StoredValue::new_local(handle_key);
        Effect::new(move |_| {
            let handle = window_event_listener(ev::keydown, move |event| {
                let has_modifier = event.ctrl_key() || event.alt_key() || event.meta_key();
                if !has_modifier
                    && !is_typing()
                    && handle_key.try_with_value(|handle_key| handle_key(&event.key())) == Some(true)
                {
                    event.prevent_default();
                }
            });
            on_cleanup(move || handle.remove());
        });
    }

    /// Whether a form control has the focus.
    fn is_typing() -> bool {
        let tag = document().active_element().map(|element| element.tag_name());
        tag.is_some_and(|tag| matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
    }
}

/// Closes a dialog by its id.
pub(super) use imp::close_dialog;
/// Writes to the clipboard. Calls `done` with whether the write succeeded.
pub(super) use imp::copy;
/// Moves the focus to a control by its id. Returns whether the control exists.
pub(super) use imp::focus;
/// Closes a popover by its id.
pub(super) use imp::hide_popover;
/// A date in the viewer's time zone, such as "21 Nov 2026".
pub(super) use imp::local_date_text;
/// A date and time in the viewer's time zone, such as "21 Nov 2026, 08:25:57 CET".
pub(super) use imp::local_time_text;
/// Calls `handle_key` for each key that is pressed outside form controls, until the component is removed.
/// `handle_key` returns whether it handled the key.
pub(super) use imp::on_key;
/// Opens a modal dialog by its id.
pub(super) use imp::open_dialog;
/// Sets and stores the theme. `None` follows the system's theme.
pub(super) use imp::store_theme;
/// The stored theme, or an empty string.
pub(super) use imp::stored_theme;
/// Opens or closes a popover by its id. Returns whether the popover exists.
pub(super) use imp::toggle_popover;
