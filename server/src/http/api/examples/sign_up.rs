use serde_json::{Value, json};

use super::{SLUG, id};

/// The address of the examples. Another person than the owner of the other examples has it.
pub(crate) const SIGN_UP_EMAIL: &str = "theo@silverfork.example";
/// The token of the examples.
pub(crate) const SIGN_UP_TOKEN: &str = "5Vf0cXWQw4mHk2yTzB8nJrLqPpE1sUaGdOiYtRxC7vE";

pub(crate) fn sign_up_body() -> Value {
    json!({ "company": "Silver Fork", "name": "Theo Lindqvist", "email": SIGN_UP_EMAIL, "slug": "silver-fork" })
}

pub(crate) fn verification_body() -> Value {
    json!({ "token": SIGN_UP_TOKEN, "password": "violet kettle harbour nine" })
}

pub(crate) fn verification() -> Value {
    json!({
        "tenant": { "id": id(41), "code": "TEN-00000013", "slug": "silver-fork", "status": "active" },
        "portalUrl": "https://console.example.com/portal",
    })
}

pub(crate) fn sign_up_slug() -> Value {
    json!({
        "slug": SLUG, "available": false,
        "suggestions": ["golden-spoon-2", "golden-spoon-es", "goldenspoon"],
    })
}
