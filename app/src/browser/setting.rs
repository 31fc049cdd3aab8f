#[cfg(feature = "hydrate")]
use super::storage::local_storage;

/// A setting of this browser, such as `theme`. `None` selects the default, as on the server. The attribute
/// `data-{name}` of the document's root has the value. The script in the document's head reads the stored
/// value before the first paint.
pub(crate) fn setting(name: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        leptos::prelude::document().document_element()?.get_attribute(&format!("data-{name}"))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = name;
        None
    }
}

/// Applies and stores a setting. If the browser cannot store it, the setting applies until the page is
/// closed.
pub(crate) fn set_setting(name: &str, value: Option<&str>) {
    #[cfg(feature = "hydrate")]
    {
        let (attribute, item) = (format!("data-{name}"), format!("tenantry.{name}"));
        let root = leptos::prelude::document().document_element();
        let _ = match value {
            Some(value) => {
                let _ = root.map(|root| root.set_attribute(&attribute, value));
                local_storage().map(|storage| storage.set_item(&item, value))
            }
            None => {
                let _ = root.map(|root| root.remove_attribute(&attribute));
                local_storage().map(|storage| storage.remove_item(&item))
            }
        };
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (name, value);
}
