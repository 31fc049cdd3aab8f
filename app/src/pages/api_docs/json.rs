//! Access to the OpenAPI document. A missing value is empty.

use serde_json::Value;

/// The members of an object of the document, sorted by name.
pub(super) fn members(value: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

/// The elements of an array of the document.
pub(super) fn elements(value: &'static Value) -> impl Iterator<Item = &'static Value> {
    value.as_array().into_iter().flatten()
}

/// A text of the document.
pub(super) fn text(value: &'static Value) -> &'static str {
    value.as_str().unwrap_or_default()
}
