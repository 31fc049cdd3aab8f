use domain::{branding::TenantBranding, field::Parsed};

use super::{
    document::{self, Document},
    precondition::{Precondition, Tagged},
    scope::{Scope, TenantCaller},
};
use crate::{Engine, Error};

/// Returns the branding of a tenant.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn find_branding(engine: &Engine, by: &TenantCaller) -> Result<Tagged<TenantBranding>, Error> {
    document::find(engine, by).await
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
    document::replace(engine, by, precondition, new).await
}

impl Document for TenantBranding {
    const CHANGED: &'static str = "branding.changed";

    async fn read(scope: &mut Scope) -> Result<Self, Error> {
        Ok(sqlx::query_as!(
            Self,
            "SELECT theme, logo_url, color_primary, color_secondary, color_accent
             FROM tenant_branding WHERE tenant_id = $1",
            scope.tenant.id
        )
        .fetch_one(&mut scope.transaction)
        .await?)
    }

    async fn check(&self, _: &mut Scope, _: &Self) -> Result<(), Error> {
        Ok(())
    }

    async fn store(&self, scope: &mut Scope) -> Result<(), Error> {
        sqlx::query!(
            "UPDATE tenant_branding SET theme = $2, logo_url = $3, color_primary = $4, color_secondary = $5,
                 color_accent = $6, updated_at = now()
             WHERE tenant_id = $1",
            scope.tenant.id,
            self.theme,
            self.logo_url,
            self.color_primary,
            self.color_secondary,
            self.color_accent
        )
        .execute(&mut scope.transaction)
        .await?;
        Ok(())
    }
}
