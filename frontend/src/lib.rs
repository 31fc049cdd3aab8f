//! The WASM entry point: hydrates the page that the server rendered, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Loads the chunk of the current page, then hydrates the document.
#[wasm_bindgen]
pub async fn hydrate() {
    // The released build omits panic messages; a development build prints them.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    app::load_current_page().await;
    leptos::mount::hydrate_body(app::App);
}
