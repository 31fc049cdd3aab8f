//! Shared by the segments and the packages of a tenant, which have slugs.

use domain::{
    ErrorCode, FieldProblem, Problem,
    catalog::{MAX_ENTRIES, parse_slug},
    slug::Slug,
};
use serde::Serialize;
use serde_json::json;

use super::{precondition::Tagged, scope::Scope};
use crate::Error;

/// Parses the slug of something that may exist.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a text that cannot be a slug.
pub(super) fn parse_known(slug: &str) -> Result<Slug, Error> {
    parse_slug(slug).map_err(|_| ErrorCode::ResourceNotFound.into())
}

/// Parses the slug of something that a call creates or replaces.
///
/// # Errors
/// `INVALID_SLUG`.
pub(super) fn parse_new(slug: &str) -> Result<Slug, Error> {
    parse_slug(slug).map_err(|problem| Problem::from_fields(vec![problem]).into())
}

/// The refusal of another segment or package.
pub(super) fn too_many(kind: &str) -> Problem {
    let message = format!("A tenant can have {MAX_ENTRIES} {kind}. Replace one of them instead.");
    let errors = vec![FieldProblem::new("", "too_many", &message)];
    Problem { errors, ..ErrorCode::InvalidTransition.into() }
}

/// Records that a segment or a package was created or replaced. A replacement that changes nothing is not
/// recorded. `kind` is the start of the action in the audit log.
pub(super) async fn record_replacement<T: Serialize + PartialEq>(
    scope: &mut Scope,
    kind: &str,
    current: Option<Tagged<T>>,
    stored: &Tagged<T>,
) -> Result<(), Error> {
    if current.as_ref() == Some(stored) {
        return Ok(());
    }
    let action = if current.is_none() { "created" } else { "changed" };
    let before = current.map(|current| json!(current.value));
    scope.record(&format!("{kind}.{action}"), before, Some(json!(stored.value))).await
}
