//! The life of a tenant after its provisioning (`docs/specification.md`, section 7): the allowed changes of
//! its status, and the inputs of these changes.

mod changed_tenant;
mod changes;

pub use changed_tenant::{ChangedTenant, NamedOwner, OwnerAccount};
pub use changes::TenantChanges;

use crate::{
    FieldProblem, TenantStatus, Timestamp,
    email::Email,
    field::parse_line,
    provisioning::{MAX_NAME, NewTenant},
    text_form::text_enum,
};

text_enum! {
    /// The kind of a lifecycle job: a job that applies a change of the tenant's status to the external
    /// systems. The SQL function `is_lifecycle_kind` has the same list; a test compares both.
    LifecycleChange {
        /// The tenant is suspended.
        Suspend = "suspend",
        /// The tenant is resumed.
        Resume = "resume",
        /// The tenant is deleted. It can be restored.
        Delete = "delete",
        /// The tenant is restored.
        Restore = "restore",
    }
}

/// How many days after its deletion a tenant can be restored. It is purged afterwards.
const RESTORE_DAYS: i64 = 30;
/// The maximum length of the reason of a suspension, in characters.
pub(crate) const MAX_REASON: usize = 500;

impl TenantStatus {
    /// Whether a tenant with this status may be used: it is neither suspended nor deleted.
    pub const fn allows_access(self) -> bool {
        !matches!(self, Self::Suspended | Self::Deleted)
    }

    /// Whether a tenant with this status may get another one. A deleted tenant gets back the status that it
    /// had before, within 30 days. The trigger `tenants_guard_status` has the same table; a test
    /// compares both.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Provisioning => matches!(next, Self::Active),
            Self::PendingActivation | Self::SetupIncomplete => matches!(next, Self::Active | Self::Deleted),
            Self::Active => matches!(next, Self::Suspended | Self::Deleted),
            Self::Suspended => matches!(next, Self::Active | Self::Deleted),
            Self::Deleted => !matches!(next, Self::Provisioning | Self::Deleted),
        }
    }
}

/// Until when a tenant that was deleted at this time, in milliseconds since 1970, can be restored.
pub const fn restorable_until(deleted_ms: i64) -> Timestamp {
    Timestamp(deleted_ms + RESTORE_DAYS * 86_400_000)
}

/// Parses the reason of a suspension, or of the refusal of a sign-up.
///
/// # Errors
/// The problem of the field `reason`.
pub fn parse_suspension_reason(text: &str) -> Result<String, FieldProblem> {
    parse_line("reason", "the reason", text, MAX_REASON)
}

/// Parses the name of an owner.
///
/// # Errors
/// The problem of the field `name`.
pub fn parse_owner_name(text: &str) -> Result<String, FieldProblem> {
    parse_line("name", "the owner's name", text, MAX_NAME)
}

/// Parses the address of an owner. `to_ascii` converts its domain (see [`Email::parse`]).
///
/// # Errors
/// The problem of the field `email`.
pub fn parse_owner_email(
    text: &str,
    to_ascii: impl Fn(&str) -> Option<String>,
) -> Result<Email, FieldProblem> {
    NewTenant::parse_email(text, to_ascii)
        .map_err(|problem| FieldProblem { field: "email".into(), ..problem })
}

/// Checks the slug that an admin typed to confirm the deletion of a tenant.
///
/// # Errors
/// The problem of the field `slug`, with the rule `required` or `mismatch`.
pub fn check_typed_slug(typed: &str, slug: &str) -> Result<(), FieldProblem> {
    match typed.trim() {
        "" => Err(FieldProblem::new("slug", "required", "Enter the slug of the tenant.")),
        typed if typed == slug => Ok(()),
        _ => {
            let message =
                format!("This is not the slug of the tenant. To confirm the deletion, enter {slug}.");
            Err(FieldProblem::new("slug", "mismatch", &message))
        }
    }
}
