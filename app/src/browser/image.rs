/// Loads an image, then calls `done` with its width and height in pixels, or with `None` if it cannot be loaded.
#[cfg(feature = "hydrate")]
pub(crate) fn load_image(url: &str, done: impl Fn(Option<(u32, u32)>) + 'static) {
    use std::rc::Rc;

    use wasm_bindgen::{JsCast, closure::Closure};

    let Ok(image) = web_sys::HtmlImageElement::new() else { return done(None) };
    let done = Rc::new(done);
    let on_load = {
        let (image, done) = (image.clone(), done.clone());
        Closure::once_into_js(move || done(Some((image.natural_width(), image.natural_height()))))
    };
    let on_error = Closure::once_into_js(move || done(None));
    image.set_onload(Some(on_load.unchecked_ref()));
    image.set_onerror(Some(on_error.unchecked_ref()));
    image.set_src(url);
}

#[cfg(not(feature = "hydrate"))]
pub(crate) fn load_image(_url: &str, _done: impl Fn(Option<(u32, u32)>) + 'static) {}

/// Sets custom properties of the element with this ID. The content security policy allows this, but no style
/// attributes in the server's HTML.
pub(crate) fn set_custom_properties(id: &str, properties: &[(&str, &str)]) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let element = leptos::prelude::document().get_element_by_id(id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            for (name, value) in properties {
                let _ = element.style().set_property(name, value);
            }
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, properties);
}
