//! What a tenant sells: segments of customers, and packages with prices (`docs/specification.md`, section 7).

mod form;
mod package;
mod price;
mod segment;

pub use form::{CatalogAction, CatalogKind, VISIBLE, package_from_form, segment_from_form};
pub use package::{Package, PackageFields, PackageNumbers, SentPackage};
pub use price::{PriceProblem, SentPrice, format_price};
#[cfg(feature = "openapi")]
pub(crate) use segment::MAX_HERO_TITLE;
pub use segment::{NewSegment, Segment};

use crate::{
    FieldProblem,
    slug::{Slug, slug_from_name},
};

/// How many segments, and how many packages, a tenant can have.
pub const MAX_ENTRIES: u8 = 200;
/// The longest name of a segment or a package, in characters.
const MAX_NAME: usize = 120;
/// The longest description, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 2000;
/// The largest position in a list.
const MAX_ORDER: i32 = 1_000_000;

/// Parses the slug of a segment or a package. Words that are reserved for tenants are allowed.
///
/// # Errors
/// The rule that `text` breaks.
pub fn parse_slug(text: &str) -> Result<Slug, FieldProblem> {
    Slug::parse_existing(text).map_err(|problem| problem.in_field("slug"))
}

/// Derives the slug of a package from its name. `None` for a name that is too short or cannot be
/// transliterated.
pub fn derive_slug(name: &str) -> Option<Slug> {
    Slug::parse_existing(&slug_from_name(name)).ok()
}

/// Parses a position in a list. Without a number, the position is 0.
fn parse_order(field: &str, order: Option<u64>) -> Result<i32, FieldProblem> {
    let order = i32::try_from(order.unwrap_or_default()).ok().filter(|order| *order <= MAX_ORDER);
    order.ok_or_else(|| {
        let message = format!("Send a whole number from 0 to {MAX_ORDER}.");
        FieldProblem::new(field, "out_of_range", &message)
    })
}
