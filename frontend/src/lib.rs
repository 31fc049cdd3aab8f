//! The WASM entry point, which hydrates the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Loads the code of the current page, then hydrates the document.
#[wasm_bindgen]
pub async fn hydrate() {
    // A release build has no panic messages. A development build prints them.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    app::load_current_page().await;
    leptos::mount::hydrate_body(app::App);
}
