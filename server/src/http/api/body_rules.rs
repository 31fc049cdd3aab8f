//! Rules of bodies that a derived schema cannot express.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema, extensions::Extensions};

/// Adds a keyword of JSON Schema to the schema of an object.
pub(super) fn with_rule(mut schema: RefOr<Schema>, keyword: &str, rule: Value) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        let extensions = object.extensions.get_or_insert_with(Extensions::default);
        extensions.insert(keyword.into(), rule);
    }
    schema
}

/// The schema of a body in which a field is neither missing nor null.
pub(super) fn has(field: &str) -> Value {
    json!({ "required": [field], "properties": { field: { "not": { "type": "null" } } } })
}
