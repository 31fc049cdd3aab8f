//! What only a browser can do. On the server every one of these does nothing, so that pages
//! need no conditions.

mod draft_store;
mod idn;
mod watch;

pub(crate) use draft_store::{DraftStore, StoredDraft};
pub(crate) use idn::domain_to_ascii;
pub(crate) use watch::{ConnectionState, Subject, Watch};

#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// Tells tests, and nobody else, that the page answers now.
pub(crate) fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-hydrated", "");
    }
}

/// A fresh idempotency key: a random UUID.
pub(crate) fn new_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// What stands in a form that the server rendered, read as a `T` by its fields' names: somebody may
/// have typed before the page could answer. None where there is no such form.
pub(crate) fn read_form_values<T: serde::de::DeserializeOwned>(form: &str) -> Option<T> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let form: web_sys::HtmlFormElement = document().query_selector(form).ok()??.dyn_into().ok()?;
        let fields = web_sys::FormData::new_with_form(&form).ok()?;
        let fields = js_sys::Object::from_entries(&fields.into()).ok()?;
        serde_json::from_str(&String::from(js_sys::JSON::stringify(&fields).ok()?)).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = form;
        None
    }
}

/// Calls `again` at this pace until the component is gone.
pub(crate) fn every(pace: std::time::Duration, again: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let again = StoredValue::new_local(again);
        Effect::new(move |_| {
            let call = move || {
                let _ = again.try_with_value(|again| again());
            };
            if let Ok(handle) = set_interval_with_handle(call, pace) {
                on_cleanup(move || handle.clear());
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (pace, again);
}

/// Now in Unix milliseconds; none on the server, whose pages must not depend on it.
pub(crate) fn now_ms() -> Option<i64> {
    #[cfg(feature = "hydrate")]
    {
        Some(js_sys::Date::now() as i64)
    }
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Whether the page is seen and nothing in it has the focus: nobody is in the middle of something.
pub(crate) fn is_idle() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let focused = document().active_element().map(|element| element.tag_name());
        !document().hidden() && focused.is_none_or(|tag| tag == "BODY")
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Moves the focus to the first element that matches, once the page shows it.
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
