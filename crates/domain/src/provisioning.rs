//! What is asked for when a tenant is made: first as typed, then as checked.

mod draft;
mod draft_field;
mod new_tenant;

pub use draft_field::{Draft, DraftField, DraftSubmission};
pub use new_tenant::{NewTenant, Owner};

use serde_json::{Value, json};

use crate::{
    StepState,
    defaults::{DEFAULT_PACKAGES, DEFAULT_SEGMENT},
    pipeline::Step,
};

/// The longest name of an organisation or a person, in characters.
pub const MAX_NAME: usize = 120;

/// How long an owner's invitation is good for, in days (SPEC section 7).
pub const INVITATION_DAYS: u32 = 7;

/// What every tenant starts with, as the atomic core takes it. A step that is not taken is `skipped`;
/// with none to take the tenant is active at once.
pub fn starting_defaults(takes: impl Fn(Step) -> bool) -> Value {
    let packages: Vec<Value> = DEFAULT_PACKAGES
        .iter()
        .map(|p| json!({ "slug": p.slug, "name": p.name, "basePrice": p.price_minor, "position": p.sort_order }))
        .collect();
    let state = |step| if takes(step) { StepState::Pending } else { StepState::Skipped };
    let steps: Vec<Value> =
        Step::ALL.iter().map(|step| json!({ "name": step, "state": state(*step) })).collect();
    json!({
        "segment": { "slug": DEFAULT_SEGMENT.slug, "name": DEFAULT_SEGMENT.name },
        "packages": packages,
        "steps": steps,
    })
}
