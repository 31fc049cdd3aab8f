//! The confirmation of a rollback (`docs/specification.md`, section 6).

use crate::field::{FieldProblem, parse_line};

/// The path of the slug in the input.
const SLUG: &str = "slug";
/// The maximum length of the reason, in characters.
pub(crate) const MAX_REASON: usize = 500;

/// What an admin enters to confirm a rollback: the slug of the tenant, and the reason, which is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackConfirmation {
    slug: String,
    reason: String,
}

impl RollbackConfirmation {
    /// Parses the fields `slug` and `reason`. Ignores whitespace around them.
    ///
    /// # Errors
    /// The problems of both fields.
    pub fn parse(slug: &str, reason: &str) -> Result<Self, Vec<FieldProblem>> {
        let slug = match slug.trim() {
            "" => Err(FieldProblem::new(SLUG, "required", "Enter the slug of the tenant.")),
            slug => Ok(slug.to_owned()),
        };
        let reason = parse_line("reason", "the reason", reason, MAX_REASON);
        match (slug, reason) {
            (Ok(slug), Ok(reason)) => Ok(Self { slug, reason }),
            (slug, reason) => Err([slug.err(), reason.err()].into_iter().flatten().collect()),
        }
    }

    /// Checks that the admin has entered the slug of the tenant.
    ///
    /// # Errors
    /// The problem of the field `slug`, with the rule `mismatch`.
    pub fn check_slug(&self, slug: &str) -> Result<(), FieldProblem> {
        match self.slug == slug {
            true => Ok(()),
            false => {
                let message =
                    format!("This is not the slug of the tenant. To confirm the rollback, enter {slug}.");
                Err(FieldProblem::new(SLUG, "mismatch", &message))
            }
        }
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
