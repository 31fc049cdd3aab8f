//! The WASM entry point: hydrates the page that the server rendered, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the document.
#[wasm_bindgen]
pub fn hydrate() {
    // What is delivered stops at a panic without words; development tells where.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
