//! The result of a provisioning: the body of the API response, which is stored with the request for
//! replays (`docs/specification.md`, section 8).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{StepState, TenantStatus, Timestamp, stage::StageTime};

/// A provisioned tenant, as reported to the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Provisioned {
    /// The ID of the request.
    pub request_id: Uuid,
    /// The tenant.
    pub tenant: ProvisionedTenant,
    /// The owner; null if the tenant was created without one.
    pub owner: Option<ProvisionedOwner>,
    /// The secret API key. Only in the first response.
    pub secret_key: Option<String>,
    /// Whether an earlier response contained the secret key.
    pub secret_key_revealed: bool,
    /// The default customer segment.
    pub segment: ProvisionedSegment,
    /// The default packages, in order.
    pub packages: Vec<ProvisionedPackage>,
    /// The external pipeline.
    pub pipeline: ProvisionedPipeline,
    /// The stages of the atomic core, with their times.
    pub stages: Vec<StageTime>,
}

impl Provisioned {
    /// Milliseconds from the first stage (`received`) to the last one (`completed`).
    pub fn elapsed_ms(&self) -> f64 {
        self.stages.last().map_or(0.0, |last| last.offset_ms)
    }

    /// Returns the response to a repeated request: this one without the secrets that are shown once.
    #[must_use]
    pub fn replayed(self) -> Self {
        let owner = self.owner.map(|owner| ProvisionedOwner { invitation_url: None, ..owner });
        Self { secret_key: None, secret_key_revealed: true, owner, ..self }
    }
}

/// The tenant in the response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedTenant {
    /// The ID of the tenant.
    pub id: Uuid,
    /// The tenant code.
    pub code: String,
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The status.
    pub status: TenantStatus,
    /// The public API key.
    pub api_key_public: String,
    /// The commission in percent.
    pub commission_percent: f64,
    /// Whether the tenant is active.
    pub is_active: bool,
    /// When the tenant was created.
    pub created_at: Timestamp,
}

/// The owner and their invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedOwner {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// When the invitation expires.
    pub invitation_expires_at: Timestamp,
    /// The single-use link. Only in the first response.
    #[serde(default)]
    pub invitation_url: Option<String>,
}

/// The default customer segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvisionedSegment {
    /// The ID. Missing in the stored response of a version before 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub id: Option<Uuid>,
    /// The name in URLs.
    pub slug: String,
    /// The display name.
    pub name: String,
}

/// A default package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedPackage {
    /// The ID. Missing in the stored response of a version before 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub id: Option<Uuid>,
    /// The name in URLs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The price in minor currency units, such as cents.
    pub base_price: i64,
}

/// The external pipeline of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvisionedPipeline {
    /// The state of the whole pipeline.
    pub state: StepState,
    /// The steps, in order.
    pub steps: Vec<ProvisionedStep>,
}

/// A step of the external pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvisionedStep {
    /// The name of the step.
    pub name: String,
    /// The state of the step.
    pub state: StepState,
}
