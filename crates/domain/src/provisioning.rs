//! The input of a provisioning: the [`Draft`] as typed, and the validated [`NewTenant`].

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

/// How many days an owner's invitation is valid (`docs/specification.md`, section 7).
pub const INVITATION_DAYS: u32 = 7;

/// The defaults of a new tenant, in the form that the atomic core expects. Steps for which `is_included` is
/// false are `skipped`. If all steps are skipped, the tenant becomes active immediately.
pub fn starting_defaults(is_included: impl Fn(Step) -> bool) -> Value {
    let packages: Vec<Value> = DEFAULT_PACKAGES
        .iter()
        .map(|p| json!({ "slug": p.slug, "name": p.name, "basePrice": p.price_minor, "position": p.sort_order }))
        .collect();
    let state = |step| if is_included(step) { StepState::Pending } else { StepState::Skipped };
    let steps: Vec<Value> = Step::ALL
        .iter()
        .map(|step| json!({ "name": step, "connector": step.connector(), "state": state(*step) }))
        .collect();
    json!({
        "segment": { "slug": DEFAULT_SEGMENT.slug, "name": DEFAULT_SEGMENT.name },
        "packages": packages,
        "steps": steps,
    })
}
