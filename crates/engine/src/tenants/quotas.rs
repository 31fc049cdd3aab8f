use std::collections::BTreeSet;

use domain::plan::{Plan, Quotas};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Engine, Error};

/// Returns the quotas of a tenant: those of its plan, with the overrides of the tenant. A tenant whose plan is
/// no longer configured has no quotas but its own.
///
/// # Errors
/// If the overrides cannot be read.
pub(super) fn quotas_of(engine: &Engine, plan: &str, overrides: Value) -> Result<Quotas, Error> {
    let of_plan = engine.plan(plan).map(|plan| plan.quotas).unwrap_or_default();
    Ok(of_plan.with(&read_overrides(overrides)?))
}

/// Returns the features of a tenant: those of its plan, with the overrides of the tenant.
///
/// # Errors
/// If the overrides cannot be read.
pub(super) fn features_of(engine: &Engine, plan: &str, overrides: Value) -> Result<BTreeSet<String>, Error> {
    let of_plan = engine.plan(plan).map(|plan| plan.features.clone()).unwrap_or_default();
    Ok(Plan::features_with(of_plan, &read_overrides(overrides)?))
}

/// Reads the overrides of quotas or features.
///
/// # Errors
/// If they cannot be read.
pub(super) fn read_overrides<T: DeserializeOwned>(overrides: Value) -> Result<T, Error> {
    Ok(serde_json::from_value(overrides)?)
}
