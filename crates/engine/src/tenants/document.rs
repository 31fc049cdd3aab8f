//! The documents of a tenant, which has one of each kind: its settings and its branding.

use domain::field::Parsed;
use serde::Serialize;
use serde_json::json;

use super::{
    precondition::{Precondition, Tagged},
    scope::{Access, Scope, TenantCaller},
};
use crate::{Engine, Error};

/// A document that a call replaces completely.
pub(super) trait Document: Serialize + PartialEq + Send + Sync + Sized {
    /// The action in the audit log.
    const CHANGED: &'static str;

    /// Reads the document of the tenant.
    fn read(scope: &mut Scope) -> impl Future<Output = Result<Self, Error>> + Send;

    /// Checks a new document with the data of the tenant.
    ///
    /// # Errors
    /// The refusal; the database's error.
    fn check(&self, scope: &mut Scope, current: &Self) -> impl Future<Output = Result<(), Error>> + Send;

    /// Stores a new document.
    fn store(&self, scope: &mut Scope) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Returns a document of a tenant.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub(super) async fn find<D: Document>(engine: &Engine, by: &TenantCaller) -> Result<Tagged<D>, Error> {
    by.run(engine, Access::Read, async |scope| Tagged::new(D::read(scope).await?)).await
}

/// Replaces a document of a tenant, unless it is already the new one. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `PRECONDITION_REQUIRED`; `PRECONDITION_FAILED`; `VALIDATION_ERROR` with the
/// problems of all fields; the refusal of [`Document::check`]; the database's error.
pub(super) async fn replace<D: Document>(
    engine: &Engine,
    by: &TenantCaller,
    precondition: &Precondition,
    new: Parsed<D>,
) -> Result<Tagged<D>, Error> {
    by.run(engine, Access::Change, async |scope| {
        let current = Tagged::new(D::read(scope).await?)?;
        precondition.require(&current)?;
        let new = new.into_result()?;
        if new == current.value {
            return Ok(current);
        }
        new.check(scope, &current.value).await?;
        new.store(scope).await?;
        scope.record(D::CHANGED, Some(json!(current.value)), Some(json!(new))).await?;
        Tagged::new(new)
    })
    .await
}
