use serde_json::{Value, json};

use super::{CODE, NAME, OWNER, SLUG};

pub(crate) fn slug_availability() -> Value {
    json!({
        "slug": SLUG, "available": false, "reason": "taken",
        "conflict": { "code": CODE, "name": NAME, "restorableUntil": null },
        "earlierTenant": null,
        "suggestions": ["golden-spoon-2", "golden-spoon-es", "goldenspoon"],
    })
}

pub(crate) fn email_availability() -> Value {
    json!({ "email": OWNER.1, "available": true, "reason": null, "conflict": null })
}
