//! Values in nested objects, by their paths.

use serde_json::{Map, Value};

/// The value at a path such as `branding.logo_url`.
pub(super) fn get<'a>(values: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => values.get(path),
        Some((section, rest)) => get(values.get(section)?.as_object()?, rest),
    }
}

/// Sets the value at a path. Replaces a value above it that is not an object.
pub(super) fn set(values: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            values.insert(path.to_owned(), value);
        }
        Some((section, rest)) => {
            let nested = values.entry(section).or_insert_with(|| Value::Object(Map::new()));
            if !nested.is_object() {
                *nested = Value::Object(Map::new());
            }
            if let Value::Object(nested) = nested {
                set(nested, rest, value);
            }
        }
    }
}
