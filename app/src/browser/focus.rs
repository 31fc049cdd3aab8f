#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// Moves the focus to the first element that matches the selector, in the next animation frame.
pub(crate) fn focus(selector: impl AsRef<str> + 'static) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || focus_element(find(selector.as_ref())));
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

/// Moves the focus to the heading of a page that has replaced another page. The focused link of the other
/// page no longer exists. Does nothing during hydration.
pub(crate) fn focus_new_page() {
    focus_if_hydrated("h1");
}

/// Moves the focus like [`focus`]. Does nothing during hydration.
pub(crate) fn focus_if_hydrated(selector: &'static str) {
    #[cfg(feature = "hydrate")]
    if find("body[data-hydrated]").is_some() {
        focus(selector);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = selector;
}

/// Returns a function that moves the focus back to the element that has it now, in the next animation frame.
/// If that element can no longer have the focus, the heading gets it.
pub(crate) fn return_focus() -> impl FnOnce() {
    #[cfg(feature = "hydrate")]
    {
        let focused = document().active_element();
        move || {
            request_animation_frame(move || {
                focus_element(focused);
                if focused_tag().is_none_or(|tag| tag == "BODY") {
                    focus_element(find("h1"));
                }
            });
        }
    }
    #[cfg(not(feature = "hydrate"))]
    || {}
}

/// Keeps the focus on a link in a list while an update moves the link to another row. Call this before the
/// update.
pub(crate) fn keep_row_focus() {
    #[cfg(feature = "hydrate")]
    if let Some(href) = find(".row-link:focus").and_then(|link| link.get_attribute("href")) {
        request_animation_frame(move || focus_element(find(&format!(".row-link[href='{href}']"))));
    }
}

#[cfg(feature = "hydrate")]
fn find(selector: &str) -> Option<web_sys::Element> {
    document().query_selector(selector).ok().flatten()
}

#[cfg(feature = "hydrate")]
fn focus_element(element: Option<web_sys::Element>) {
    use wasm_bindgen::JsCast;
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Whether the page is visible and the user is not typing, so that an update does not interrupt the user.
pub(crate) fn is_idle() -> bool {
    #[cfg(feature = "hydrate")]
    {
        !document().hidden() && !is_typing()
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// Calls `handle_key` for each key that is pressed outside form controls, until the component is removed.
/// `handle_key` returns whether it handled the key.
pub(crate) fn on_key(handle_key: impl Fn(&str) -> bool + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let handle_key = StoredValue::new_local(handle_key);
        Effect::new(move |_| {
            let handle = window_event_listener(leptos::ev::keydown, move |event| {
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
    #[cfg(not(feature = "hydrate"))]
    let _ = handle_key;
}

/// Whether a form control has the focus.
#[cfg(feature = "hydrate")]
fn is_typing() -> bool {
    focused_tag().is_some_and(|tag| matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// The tag of the element that has the focus, in capital letters.
#[cfg(feature = "hydrate")]
fn focused_tag() -> Option<String> {
    document().active_element().map(|element| element.tag_name())
}
