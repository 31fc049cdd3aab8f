use domain::plan::{QuotaOverrides, Quotas};
use serde_json::Value;

use crate::{Engine, Error};

/// Returns the quotas of a tenant: those of its plan, with the overrides of the tenant. A tenant whose plan is
/// no longer configured has no quotas but its own.
///
/// # Errors
/// If the overrides cannot be read.
pub(super) fn quotas_of(engine: &Engine, plan: &str, overrides: Value) -> Result<Quotas, Error> {
    let overrides: QuotaOverrides =
        serde_json::from_value(overrides).map_err(|error| Error::UnexpectedResponse(error.to_string()))?;
    Ok(engine.plan(plan).map_or_else(Quotas::default, |plan| plan.quotas).with(&overrides))
}
