//! Functions that need a browser. On the server they do nothing, so that components need no conditions.

mod clipboard;
mod clock;
mod draft_store;
mod focus;
mod idn;
mod image;
mod leave_guard;
mod overlay;
mod request_watcher;
mod setting;
#[cfg(feature = "hydrate")]
mod storage;

pub(crate) use clipboard::copy;
pub(crate) use clock::{call_every, local_date_text, local_time_text, now_ms};
pub(crate) use draft_store::{DraftStore, StoredDraft};
pub(crate) use focus::{
    focus, focus_if_hydrated, focus_new_page, is_idle, keep_row_focus, on_key, return_focus,
};
pub(crate) use idn::domain_to_ascii;
pub(crate) use image::{load_image, set_custom_properties};
pub(crate) use leave_guard::{guard_leaving, watch_back_button};
pub(crate) use overlay::{close_dialog, hide_popover, open_dialog, toggle_popover};
pub(crate) use request_watcher::{ConnectionState, RequestWatcher, WatchTarget};
pub(crate) use setting::{set_setting, setting};

#[cfg(feature = "hydrate")]
use leptos::prelude::document;

/// Sets the attribute `data-hydrated`, for which browser tests wait.
pub(crate) fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-hydrated", "");
    }
}

/// Replaces the path in the browser's address bar and history, without loading the page.
pub(crate) fn replace_address(path: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(history) = leptos::prelude::window().history() {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// A new idempotency key: a random UUID.
pub(crate) fn new_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Reads the current values of a form that the server rendered, which may include input from before
/// hydration. Returns `None` if no form matches the selector.
pub(crate) fn read_form_values<T: serde::de::DeserializeOwned>(form: &str) -> Option<T> {
    #[cfg(feature = "hydrate")]
    {
        let fields = js_sys::Object::from_entries(&form_data(form)?.into()).ok()?;
        crate::codec::from_json(&String::from(js_sys::JSON::stringify(&fields).ok()?)).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = form;
        None
    }
}

/// The names and the current values of the controls of a form, in order. Empty if no form matches.
pub(crate) fn read_form_entries(form: &str) -> Vec<(String, String)> {
    #[cfg(feature = "hydrate")]
    {
        let Some(fields) = form_data(form) else { return Vec::new() };
        let entry = |entry: wasm_bindgen::JsValue| {
            let entry = js_sys::Array::from(&entry);
            Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
        };
        js_sys::Array::from(&fields).iter().filter_map(entry).collect()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = form;
        Vec::new()
    }
}

/// The data of the form that matches the selector.
#[cfg(feature = "hydrate")]
fn form_data(form: &str) -> Option<web_sys::FormData> {
    use wasm_bindgen::JsCast;
    let form: web_sys::HtmlFormElement = document().query_selector(form).ok()??.dyn_into().ok()?;
    web_sys::FormData::new_with_form(&form).ok()
}

/// Posts the form that matches the selector, without its `submit` event.
pub(crate) fn submit_form(form: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let form = document().query_selector(form).ok().flatten();
        if let Some(form) = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok()) {
            let _ = form.submit();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = form;
}

/// The current value of the input with this ID, also if the value was set without events, as password
/// managers do.
pub(crate) fn input_value(id: &str) -> String {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let input = document().get_element_by_id(id);
        let input = input.and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok());
        input.map(|input| input.value()).unwrap_or_default()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = id;
        String::new()
    }
}
