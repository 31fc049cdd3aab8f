//! The input of a provisioning: the [`Draft`] as typed, and the validated [`NewTenant`].

mod draft;
mod draft_field;
mod new_profile;
mod new_tenant;

pub use draft_field::{Draft, DraftField, DraftSubmission};
pub use new_profile::{NewBranding, NewSettings};
pub(crate) use new_tenant::MAX_SHORT_NAME;
#[cfg(feature = "openapi")]
pub(crate) use new_tenant::{MAX_EXTERNAL_ID, MAX_INDUSTRY};
pub use new_tenant::{NewTenant, Owner};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    StepState,
    defaults::{DEFAULT_PACKAGES, DEFAULT_SEGMENT, DefaultPackage},
    pipeline::Step,
};

/// The longest name of an organisation or a person, in characters.
pub const MAX_NAME: usize = 120;

/// How many days an owner's invitation is valid (`docs/specification.md`, section 7).
pub const INVITATION_DAYS: u32 = 7;

/// The rows of a new tenant with their defaults, in the form that the atomic core expects. `new_id` returns
/// the IDs of the segment and the packages. Steps for which `is_included` is false are `skipped`. If all steps
/// are skipped, a tenant with an owner becomes active immediately.
pub fn starting_defaults(
    tenant: &NewTenant,
    mut new_id: impl FnMut() -> Uuid,
    is_included: impl Fn(Step) -> bool,
) -> Value {
    let segment = json!({
        "id": new_id(),
        "slug": DEFAULT_SEGMENT.slug,
        "name": DEFAULT_SEGMENT.name,
        "heroTitle": DEFAULT_SEGMENT.hero_title,
        "description": DEFAULT_SEGMENT.description,
        "sortOrder": DEFAULT_SEGMENT.sort_order,
    });
    let package = |package: DefaultPackage| {
        json!({
            "id": new_id(),
            "slug": package.slug,
            "name": package.name,
            "description": package.description,
            "basePrice": package.price_minor,
            "bookingType": package.booking_type,
            "groupingOrder": package.grouping_order,
        })
    };
    let packages: Vec<Value> = DEFAULT_PACKAGES.into_iter().map(package).collect();
    let state = |step| if is_included(step) { StepState::Pending } else { StepState::Skipped };
    let steps: Vec<Value> = Step::ALL
        .iter()
        .map(|step| json!({ "name": step, "connector": step.connector(), "state": state(*step) }))
        .collect();
    json!({
        "settings": tenant.settings.with_defaults(&tenant.name),
        "branding": tenant.branding.with_defaults(tenant.theme),
        "segment": segment,
        "packages": packages,
        "steps": steps,
    })
}
