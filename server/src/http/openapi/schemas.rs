//! Completes the schemas of the document with rules that hold for the whole API and that the derived schemas
//! do not express.
//!
//! - A body of a request with an unknown field is refused.
//! - An optional field of a request may be null, which means the same as a missing field. An optional body
//!   can be missing, but not null.
//! - An optional parameter of a query may be empty, which means the same as a missing one.
//! - A response has all fields of its type. A field without a value is null.
//! - The description and the default of a property that can be null are those of the property.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const REFERENCE: &str = "#/components/schemas/";

/// Applies the rules to the schemas of the bodies in a document.
pub(super) fn complete(document: &mut Value) {
    let requests = reachable(document, |operation| operation["requestBody"].clone());
    let responses = reachable(document, |operation| operation["responses"].clone());
    operations_mut(document).for_each(|operation| {
        refuse_null_body(operation);
        allow_empty_parameters(operation);
    });
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for (name, schema) in schemas {
        for object in objects(schema) {
            if requests.contains(name) {
                complete_request(object);
            } else if responses.contains(name) {
                require_all(object);
            }
            let properties = object.get_mut("properties").and_then(Value::as_object_mut);
            properties.into_iter().flatten().for_each(|(_, property)| lift_annotations(property));
        }
    }
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = document["paths"].as_object_mut().into_iter().flatten().map(|(_, item)| item);
    items.filter_map(Value::as_object_mut).flatten().map(|(_, operation)| operation)
}

fn allow_empty_parameters(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
    for parameter in
        parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] != true)
    {
        parameter["allowEmptyValue"] = true.into();
    }
}

fn refuse_null_body(operation: &mut Value) {
    let Some(body) = operation.pointer_mut("/requestBody/content/application~1json/schema") else { return };
    let mut variants = body["oneOf"].as_array().into_iter().flatten();
    if let Some(variant) = variants.find(|variant| variant["type"] != "null").cloned() {
        *body = variant;
    }
}

/// The objects of a component: itself, or the parts of a flattened type.
fn objects(schema: &mut Value) -> Vec<&mut Map<String, Value>> {
    let parts = match schema.get("allOf") {
        Some(_) => schema["allOf"].as_array_mut().map(|parts| parts.iter_mut().collect()).unwrap_or_default(),
        None => vec![schema],
    };
    parts.into_iter().filter(|part| part["type"] == "object").filter_map(Value::as_object_mut).collect()
}

fn complete_request(object: &mut Map<String, Value>) {
    let required = object.get("required").cloned().unwrap_or_default();
    let is_required =
        |name: &str| required.as_array().is_some_and(|names| names.iter().any(|other| other == name));
    let properties = object.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if property["type"] == "object" {
            objects(property).into_iter().for_each(complete_request);
        }
        if !is_required(name) && !allows_null(property) {
            allow_null(property);
        }
    }
    object.insert("additionalProperties".into(), false.into());
}

/// Requires the properties that can be null. A property that can be missing is never null, unless it has a
/// default.
fn require_all(object: &mut Map<String, Value>) {
    let properties = object.get("properties").and_then(Value::as_object);
    let is_required = |property: &Value| allows_null(property) && property.get("default").is_none();
    let nullable = properties.into_iter().flatten().filter(|(_, property)| is_required(property));
    let mut required: BTreeSet<String> = nullable.map(|(name, _)| name.clone()).collect();
    let listed = object.get("required").and_then(Value::as_array);
    required.extend(listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    object.insert("required".into(), json!(required));
}

fn allows_null(schema: &Value) -> bool {
    let is_null = |value: &Value| value == "null";
    let has_null_type = schema["type"].as_array().is_some_and(|types| types.iter().any(is_null));
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    has_null_type
        || variants
            .chain(schema["anyOf"].as_array().into_iter().flatten())
            .any(|variant| is_null(&variant["type"]))
}

fn allow_null(schema: &mut Value) {
    let no_value = json!({ "type": "null" });
    match schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        Some(variants) => variants.push(no_value),
        None => *schema = json!({ "oneOf": [schema.take(), no_value] }),
    }
}

/// Moves the annotations of the only other variant of a nullable property to the property.
fn lift_annotations(property: &mut Value) {
    let keyword = if property.get("anyOf").is_some() { "anyOf" } else { "oneOf" };
    let variants = property.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten();
    let lifted: Vec<_> = variants
        .filter_map(Value::as_object_mut)
        .flat_map(|variant| ["description", "default"].map(|name| (name, variant.remove(name))))
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    lifted.into_iter().for_each(|(name, value)| property[name] = value);
}

/// The names of the schemas that a part of an operation refers to, directly or through other schemas.
fn reachable(document: &Value, part: impl Fn(&Value) -> Value) -> BTreeSet<String> {
    let items = document["paths"].as_object().into_iter().flatten().map(|(_, item)| item);
    let operations = items.filter_map(Value::as_object).flatten().map(|(_, operation)| operation);
    let mut found = BTreeSet::new();
    let mut pending: Vec<Value> = operations.map(part).collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(mut members) => {
                let reference = members.remove("$ref").and_then(|path| path.as_str().map(str::to_owned));
                let name = reference.as_deref().and_then(|path| path.strip_prefix(REFERENCE));
                if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                    pending.push(document["components"]["schemas"][name].clone());
                }
                pending.extend(members.into_iter().map(|(_, member)| member));
            }
            _ => {}
        }
    }
    found
}
