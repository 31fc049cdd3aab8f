//! The OpenAPI document as a contract: every response that a test receives must be one that the document
//! describes.

use std::sync::LazyLock;

use domain::paths;
use reqwest::Method;
use serde_json::{Value, json};

use super::Reply;

pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap());

/// Asserts that the document describes the response to a request: its status, content type and body. The
/// document describes every operation of the API, so all others are refused.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let Some((template, operation)) = find_operation(method, path) else {
        let is_api = path.starts_with(paths::API);
        assert!(!is_api || reply.status >= 400, "{method} {path} is not in the document, but responds");
        return;
    };
    let status = reply.status.to_string();
    let response = operation["responses"].get(&status);
    let response = response.unwrap_or_else(|| panic!("{method} {template} {status}: {}", reply.text));
    let Some(contents) = response["content"].as_object() else {
        assert_eq!(reply.text, "", "{method} {template} {status} has no body in the document");
        return;
    };
    let content_type = reply.header("content-type");
    let content = contents.get(content_type);
    let content = content.unwrap_or_else(|| panic!("{method} {template} {status} {content_type}"));
    // The tests that ask for compression decompress the body themselves.
    let is_readable = reply.header("content-encoding").is_empty();
    if is_readable && content_type.ends_with("json") {
        let errors = errors(&content["schema"], &reply.json());
        assert_eq!(errors, "", "{method} {template} {status}: {}", reply.text);
    }
}

/// What violates a schema of the document. Empty for a valid value.
pub(crate) fn errors(schema: &Value, value: &Value) -> String {
    let schema = json!({ "components": DOCUMENT["components"], "allOf": [schema] });
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).expect("a valid schema");
    let errors = validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path()));
    errors.collect::<Vec<_>>().join("\n")
}

/// The operation of a request, with the template of its path. A literal segment takes precedence over a
/// parameter.
fn find_operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let method = method.as_str().to_lowercase();
    let templates = DOCUMENT["paths"].as_object().expect("paths").iter();
    let (template, item) = templates
        .filter(|(template, _)| matches(template, path))
        .min_by_key(|(template, _)| template.matches('{').count())?;
    Some((template, item.get(&method)?))
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(expected, found)| expected.starts_with('{') || *expected == found)
}
