//! A tenant, as its own programs see it (`docs/specification.md`, section 8).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{TenantStatus, Timestamp, plan::Plan};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantOverview {
    /// The ID.
    pub id: Uuid,
    /// The code, such as `TEN-00000012`.
    pub code: String,
    /// The slug.
    pub slug: String,
    /// The name of the organisation.
    pub name: String,
    /// The short name.
    pub short_name: Option<String>,
    /// The status.
    pub status: TenantStatus,
    /// The plan.
    pub plan: Plan,
    /// The quotas: those of the plan, unless the tenant has its own.
    pub quotas: TenantQuotas,
    /// When the tenant was created.
    pub created_at: Timestamp,
    /// When the tenant became active.
    pub activated_at: Option<Timestamp>,
    /// When the trial ends.
    pub trial_ends_at: Option<Timestamp>,
}

/// The quotas of a tenant. Those without a value are unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantQuotas {
    /// The maximum number of accounts.
    pub max_users: Option<u32>,
    /// The maximum number of price quotes in a calendar month.
    pub max_monthly_quotes: Option<u32>,
    /// The maximum file storage in GB.
    pub max_storage_gb: Option<u32>,
}

impl TenantQuotas {
    /// The quotas of a plan, with the overrides of a tenant: a JSON object with the same field names.
    pub fn of(plan: Plan, overrides: &serde_json::Value) -> Self {
        let quotas = plan.quotas();
        let overridden = |name, of_plan: Option<u32>| match overrides.get(name) {
            Some(value) => value.as_u64().map(|quota| quota.try_into().unwrap_or(u32::MAX)),
            None => of_plan,
        };
        Self {
            max_users: overridden("maxUsers", quotas.users),
            max_monthly_quotes: overridden("maxMonthlyQuotes", quotas.monthly_quotes),
            max_storage_gb: overridden("maxStorageGb", Some(quotas.storage_gb)),
        }
    }
}
