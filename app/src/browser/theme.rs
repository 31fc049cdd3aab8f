#[cfg(feature = "hydrate")]
use super::storage::local_storage;

/// The name of the stored theme. `THEME_SCRIPT` reads the same item.
#[cfg(feature = "hydrate")]
const STORED_NAME: &str = "tenantry.theme";

/// The stored theme, or an empty string. Empty on the server.
pub(crate) fn stored_theme() -> String {
    #[cfg(feature = "hydrate")]
    {
        local_storage().and_then(|storage| storage.get_item(STORED_NAME).ok().flatten()).unwrap_or_default()
    }
    #[cfg(not(feature = "hydrate"))]
    String::new()
}

/// Applies and stores the theme. `None` follows the system's theme.
pub(crate) fn store_theme(theme: Option<&str>) {
    #[cfg(feature = "hydrate")]
    {
        let root = leptos::prelude::document().document_element();
        match theme {
            Some(theme) => {
                let _ = root.map(|root| root.set_attribute("data-theme", theme));
                let _ = local_storage().map(|storage| storage.set_item(STORED_NAME, theme));
            }
            None => {
                let _ = root.map(|root| root.remove_attribute("data-theme"));
                let _ = local_storage().map(|storage| storage.remove_item(STORED_NAME));
            }
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = theme;
}
