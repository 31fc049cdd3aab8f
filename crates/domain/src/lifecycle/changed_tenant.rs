use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{TenantStatus, Timestamp, defaults::Commission, plan::QuotaOverrides};

/// A tenant as the calls that change its life return it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangedTenant {
    /// The ID.
    pub id: Uuid,
    /// The code, such as `TEN-00000012`.
    pub code: String,
    /// The name in URLs.
    pub slug: String,
    /// The name of the organisation.
    pub name: String,
    /// The name for places with little room.
    pub short_name: Option<String>,
    /// The status.
    pub status: TenantStatus,
    /// The name of the plan.
    pub plan: String,
    /// The limits that the tenant has instead of those of its plan.
    pub quota_overrides: QuotaOverrides,
    /// The features that the tenant has, or lacks, unlike its plan.
    pub feature_overrides: BTreeMap<String, bool>,
    /// The commission in percent.
    pub commission_percent: Commission,
    /// The owner. Null while the tenant waits for an owner.
    pub owner: Option<OwnerAccount>,
    /// When the trial ends. Maintenance then suspends the tenant.
    pub trial_ends_at: Option<Timestamp>,
    /// When the tenant was created.
    pub created_at: Timestamp,
    /// When the tenant became active for the first time.
    pub activated_at: Option<Timestamp>,
    /// When the tenant was suspended.
    pub suspended_at: Option<Timestamp>,
    /// Why the tenant was suspended.
    pub suspension_reason: Option<String>,
    /// When the tenant was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Until when a deleted tenant can be restored. Its slug is taken until then.
    pub restorable_until: Option<Timestamp>,
    /// The status that a restore gives back.
    pub status_before_deletion: Option<TenantStatus>,
    /// The number of the version, which increases with every change. The API sends it as the `ETag`.
    pub version: u32,
}

/// The owner of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnerAccount {
    /// The ID of the account.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
}

/// A tenant whose owner was just named, or whose owner's account was just changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NamedOwner {
    /// The tenant.
    #[serde(flatten)]
    pub tenant: ChangedTenant,
    /// The single-use link with which the owner chooses a password. Null if the account has a password, or
    /// if the tenant already had this owner with this address. No other response contains the link.
    pub invitation_url: Option<String>,
    /// When the link expires.
    pub invitation_expires_at: Option<Timestamp>,
}
