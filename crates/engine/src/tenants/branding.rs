use domain::{branding::TenantBranding, field::Parsed};
use serde_json::json;

use super::{
    precondition::{Precondition, Tagged},
    scope::{Access, Scope, TenantCaller},
};
use crate::{Engine, Error};

/// Returns the branding of a tenant.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn find_branding(engine: &Engine, by: &TenantCaller) -> Result<Tagged<TenantBranding>, Error> {
    by.run(engine, Access::Read, async |scope| Tagged::new(read(scope).await?)).await
}

/// Replaces the branding of a tenant, unless it is already the new one. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `PRECONDITION_REQUIRED`; `PRECONDITION_FAILED`; `VALIDATION_ERROR` with the
/// problems of all fields; the database's error.
pub async fn replace_branding(
    engine: &Engine,
    by: &TenantCaller,
    precondition: &Precondition,
    new: Parsed<TenantBranding>,
) -> Result<Tagged<TenantBranding>, Error> {
    by.run(engine, Access::Change, async |scope| {
        let current = Tagged::new(read(scope).await?)?;
        precondition.require(&current)?;
        let new = new.into_result()?;
        if new == current.value {
            return Ok(current);
        }
        store(scope, &new).await?;
        scope.record("branding.changed", Some(json!(current.value)), Some(json!(new))).await?;
        Tagged::new(new)
    })
    .await
}

async fn read(scope: &mut Scope) -> Result<TenantBranding, Error> {
    Ok(sqlx::query_as!(
        TenantBranding,
        "SELECT theme, logo_url, color_primary, color_secondary, color_accent
         FROM tenant_branding WHERE tenant_id = $1",
        scope.tenant.id
    )
    .fetch_one(&mut scope.transaction)
    .await?)
}

async fn store(scope: &mut Scope, new: &TenantBranding) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE tenant_branding SET theme = $2, logo_url = $3, color_primary = $4, color_secondary = $5,
             color_accent = $6, updated_at = now()
         WHERE tenant_id = $1",
        scope.tenant.id,
        new.theme,
        new.logo_url,
        new.color_primary,
        new.color_secondary,
        new.color_accent
    )
    .execute(&mut scope.transaction)
    .await?;
    Ok(())
}
