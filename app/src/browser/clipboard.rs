/// Writes `text` to the clipboard, then calls `done` with true if the write succeeded.
#[cfg(feature = "hydrate")]
pub(crate) fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    use wasm_bindgen::{JsValue, closure::Closure};

    let navigator = leptos::prelude::window().navigator();
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

#[cfg(not(feature = "hydrate"))]
pub(crate) fn copy(_text: &str, _done: impl FnOnce(bool) + 'static) {}
