//! The page of the audit log. The server prepares the sentences and differences, so that browsers need no code
//! for them.

#[cfg(feature = "ssr")]
mod content;
#[cfg(feature = "ssr")]
mod difference;
mod types;

use domain::audit::AuditFilter;
use leptos::prelude::*;

pub use self::types::{
    AuditContent, AuditDay, AuditLine, ChangedValue, EditKind, FieldChange, LinePart, VerificationResult,
    VerificationStatus, VerificationView,
};
use crate::{Failure, codec::Json};

/// One page of the audit log, and the latest verification.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "open_audit", input = Json, output = Json)]
pub async fn open_audit(filter: AuditFilter) -> Result<AuditContent, Failure> {
    content::read(&filter).await
}

/// Does the same as [`open_audit`] for polling, without extending the session.
///
/// # Errors
/// Same as [`open_audit`].
#[server(prefix = "/api/fn", endpoint = "refresh_audit", input = Json, output = Json)]
pub async fn refresh_audit(filter: AuditFilter) -> Result<AuditContent, Failure> {
    content::read(&filter).await
}
