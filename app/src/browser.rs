//! Functions that need a browser. On the server they do nothing, so that pages need no conditions.

mod draft_store;
mod idn;
mod request_watcher;

pub(crate) use draft_store::{DraftStore, StoredDraft};
pub(crate) use idn::domain_to_ascii;
pub(crate) use request_watcher::{ConnectionState, RequestWatcher, WatchTarget};

#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// Marks the page as hydrated. Browser tests wait for this mark.
pub(crate) fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-hydrated", "");
    }
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
        use wasm_bindgen::JsCast;
        let form: web_sys::HtmlFormElement = document().query_selector(form).ok()??.dyn_into().ok()?;
        let fields = web_sys::FormData::new_with_form(&form).ok()?;
        let fields = js_sys::Object::from_entries(&fields.into()).ok()?;
        crate::codec::from_json(&String::from(js_sys::JSON::stringify(&fields).ok()?)).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = form;
        None
    }
}

/// Calls `callback` at this interval until the component is removed.
pub(crate) fn every(interval: std::time::Duration, callback: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let callback = StoredValue::new_local(callback);
        Effect::new(move |_| {
            let call = move || {
                let _ = callback.try_with_value(|callback| callback());
            };
            if let Ok(handle) = set_interval_with_handle(call, interval) {
                on_cleanup(move || handle.clear());
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (interval, callback);
}

/// The current time in Unix milliseconds. `None` on the server, because rendered pages must not depend on
/// the time.
pub(crate) fn now_ms() -> Option<i64> {
    #[cfg(feature = "hydrate")]
    {
        Some(js_sys::Date::now() as i64)
    }
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Whether the page is visible and no element has the focus, so that an update interrupts nobody.
pub(crate) fn is_idle() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let focused = document().active_element().map(|element| element.tag_name());
        !document().hidden() && focused.is_none_or(|tag| tag == "BODY")
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Moves the focus to the first element that matches the selector, in the next animation frame.
pub(crate) fn focus(selector: &'static str) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || {
        use wasm_bindgen::JsCast;
        let found = document().query_selector(selector).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}
