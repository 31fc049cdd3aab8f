//! A tenant, as its own programs see it (`docs/specification.md`, section 8).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{TenantStatus, Timestamp, custom_domain::DomainName, plan::Quotas};

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
    /// The name of the plan.
    pub plan: String,
    /// The quotas: those of the plan, unless the tenant has its own.
    pub quotas: Quotas,
    /// The features: those of the plan, unless the tenant has its own.
    pub features: BTreeSet<String>,
    /// The verified custom domains, in alphabetical order.
    pub domains: Vec<DomainName>,
    /// When the tenant was created.
    pub created_at: Timestamp,
    /// When the tenant became active.
    pub activated_at: Option<Timestamp>,
    /// When the trial ends.
    pub trial_ends_at: Option<Timestamp>,
}
