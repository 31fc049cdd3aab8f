#[cfg(feature = "hydrate")]
use leptos::prelude::*;

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

/// Whether the page is visible and no element has the focus, so that an update does not interrupt the user.
pub(crate) fn is_idle() -> bool {
    #[cfg(feature = "hydrate")]
    {
        !document().hidden() && focused_tag().is_none_or(|tag| tag == "BODY")
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
