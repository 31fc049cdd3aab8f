//! What is asked for when a tenant is made: first as typed, then as checked.

mod draft;
mod new_tenant;

pub use draft::Draft;
pub use new_tenant::{NewTenant, Owner};

use serde_json::{Value, json};

use crate::defaults::{DEFAULT_PACKAGES, DEFAULT_SEGMENT};

/// The paths of the form's fields, as problems name them.
pub mod path {
    pub const NAME: &str = "name";
    pub const SLUG: &str = "slug";
    pub const PLAN: &str = "plan";
    pub const TIME_ZONE: &str = "timeZone";
    pub const CURRENCY: &str = "currency";
    pub const OWNER_NAME: &str = "owner.name";
    pub const OWNER_EMAIL: &str = "owner.email";
    pub const BLUEPRINT: &str = "blueprint";
    pub const THEME: &str = "theme";
    pub const COMMISSION: &str = "commission";
}

/// The longest name of an organisation or a person, in characters.
pub const MAX_NAME: usize = 120;

/// How long an owner's invitation is good for, in days (SPEC section 7).
pub const INVITATION_DAYS: u32 = 7;

/// The steps of the external pipeline, in order (SPEC section 6), with the words for people.
pub const STEPS: [(&str, &str); 7] = [
    ("STEP_1_COPY_DB", "Copy database"),
    ("STEP_2_ODOO18_AUTH", "Sign in to Odoo 18"),
    ("STEP_3_ODOO18_UPDATE_ADMIN_USER", "Set the admin user"),
    ("STEP_4_ODOO19_UPSERT_TENANT", "Upsert tenant in Odoo 19"),
    ("STEP_5_ODOO19_UPSERT_TENANT_USER", "Upsert tenant user in Odoo 19"),
    ("STEP_6_BRIDGE_METADATA_UPSERT", "Tell the metadata bridge"),
    ("STEP_7_FINALIZE_TENANT", "Finalize"),
];

/// The words for a step's name; the name itself where it has none.
pub fn step_label(name: &str) -> &str {
    STEPS.iter().find(|(step, _)| *step == name).map_or(name, |(_, label)| label)
}

/// What every tenant starts with, as the atomic core takes it. No connector is configured, so
/// each step is `skipped` and the tenant is active at once.
pub fn starting_defaults() -> Value {
    let packages: Vec<Value> = DEFAULT_PACKAGES
        .iter()
        .map(|p| json!({ "slug": p.slug, "name": p.name, "basePrice": p.price_minor, "position": p.sort_order }))
        .collect();
    let steps: Vec<Value> =
        STEPS.iter().map(|(name, _)| json!({ "name": name, "state": "skipped" })).collect();
    json!({
        "segment": { "slug": DEFAULT_SEGMENT.slug, "name": DEFAULT_SEGMENT.name },
        "packages": packages,
        "steps": steps,
    })
}
