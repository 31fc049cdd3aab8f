use domain::{ErrorCode, FieldProblem, Problem, defaults::Currency, field::Parsed, settings::TenantSettings};

use super::{
    document::{self, Document},
    precondition::{Precondition, Tagged},
    scope::{Scope, TenantCaller},
};
use crate::{Engine, Error};

/// Returns the settings of a tenant.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn find_settings(engine: &Engine, by: &TenantCaller) -> Result<Tagged<TenantSettings>, Error> {
    document::find(engine, by).await
}

/// Replaces the settings of a tenant, unless they are already the new ones. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `PRECONDITION_REQUIRED`; `PRECONDITION_FAILED`; `VALIDATION_ERROR` with the
/// problems of all fields; `INVALID_TRANSITION` for a currency with other decimals while packages have prices;
/// the database's error.
pub async fn replace_settings(
    engine: &Engine,
    by: &TenantCaller,
    precondition: &Precondition,
    new: Parsed<TenantSettings>,
) -> Result<Tagged<TenantSettings>, Error> {
    document::replace(engine, by, precondition, new).await
}

impl Document for TenantSettings {
    const CHANGED: &'static str = "settings.changed";

    async fn read(scope: &mut Scope) -> Result<Self, Error> {
        Ok(sqlx::query_as!(
            Self,
            r#"SELECT coalesce(s.company_name, t.name) AS "company_name!", s.support_email, s.support_phone,
                 s.website_url, s.time_zone, s.currency, s.locale, s.email_from_name, s.email_from_address
               FROM tenant_settings s JOIN tenants t ON t.id = s.tenant_id WHERE s.tenant_id = $1"#,
            scope.tenant.id
        )
        .fetch_one(&mut scope.transaction)
        .await?)
    }

    async fn check(&self, scope: &mut Scope, current: &Self) -> Result<(), Error> {
        check_currency(scope, current, self).await
    }

    async fn store(&self, scope: &mut Scope) -> Result<(), Error> {
        sqlx::query!(
            "UPDATE tenant_settings SET company_name = $2, support_email = $3, support_phone = $4, website_url = $5,
                 time_zone = $6, currency = $7, locale = $8, email_from_name = $9, email_from_address = $10,
                 updated_at = now()
             WHERE tenant_id = $1",
            scope.tenant.id,
            self.company_name,
            self.support_email,
            self.support_phone,
            self.website_url,
            self.time_zone,
            self.currency,
            self.locale,
            self.email_from_name,
            self.email_from_address
        )
        .execute(&mut scope.transaction)
        .await?;
        Ok(())
    }
}

/// Refuses a currency with other decimals while packages have prices: 1250 is 12.50 EUR, but 1250 JPY.
async fn check_currency(
    scope: &mut Scope,
    current: &TenantSettings,
    new: &TenantSettings,
) -> Result<(), Error> {
    let decimals = |code: &str| Currency::parse(code).ok().map(Currency::decimals);
    if decimals(&current.currency) == decimals(&new.currency) {
        return Ok(());
    }
    let has_prices = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM packages WHERE tenant_id = $1 AND base_price > 0) AS "exists!""#,
        scope.tenant.id
    )
    .fetch_one(&mut scope.transaction)
    .await?;
    if !has_prices {
        return Ok(());
    }
    let message = format!(
        "Prices in {} and {} have different decimals. Set the prices of the packages to 0 first.",
        current.currency, new.currency
    );
    let errors = vec![FieldProblem::new("currency", "prices_exist", &message)];
    Err(Problem { errors, ..ErrorCode::InvalidTransition.into() }.into())
}
