//! The WASM entry point: hydrates the page that the server rendered, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the document.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
