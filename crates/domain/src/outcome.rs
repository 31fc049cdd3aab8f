//! The result of a provisioning: the body of the API response, which is stored with the request for
//! replays (`docs/specification.md`, section 8).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{StepState, TenantStatus, Timestamp, stage::StageMark};

/// A provisioned tenant, as reported to the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provisioned {
    pub request_id: Uuid,
    pub tenant: TenantFacts,
    pub owner: OwnerFacts,
    /// The secret API key. Only in the first response.
    pub secret_key: Option<String>,
    /// Whether an earlier response contained the secret key.
    pub secret_key_revealed: bool,
    pub segment: SegmentFacts,
    pub packages: Vec<PackageFacts>,
    pub pipeline: PipelineFacts,
    pub stages: Vec<StageMark>,
}

impl Provisioned {
    /// Milliseconds from `received` to `completed`.
    pub fn elapsed_ms(&self) -> f64 {
        self.stages.last().map_or(0.0, |mark| mark.offset_ms)
    }

    /// The response to a repeated request: the same, without the secrets that are shown once.
    #[must_use]
    pub fn replayed(self) -> Self {
        let owner = OwnerFacts { invitation_url: None, ..self.owner };
        Self { secret_key: None, secret_key_revealed: true, owner, ..self }
    }
}

/// The tenant itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantFacts {
    pub id: Uuid,
    pub code: String,
    pub slug: String,
    pub name: String,
    pub status: TenantStatus,
    pub api_key_public: String,
    pub commission_percent: f64,
    pub is_active: bool,
    pub created_at: Timestamp,
}

/// The owner and their invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerFacts {
    pub name: String,
    pub email: String,
    pub invitation_expires_at: Timestamp,
    /// The single-use link. Only in the first response.
    #[serde(default)]
    pub invitation_url: Option<String>,
}

/// The default customer segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentFacts {
    pub slug: String,
    pub name: String,
}

/// A default package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageFacts {
    pub slug: String,
    pub name: String,
    /// The price in minor currency units, such as cents.
    pub base_price: i64,
    pub position: i32,
}

/// The external pipeline of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineFacts {
    pub state: StepState,
    pub steps: Vec<StepFacts>,
}

/// A step of the external pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFacts {
    pub name: String,
    pub state: StepState,
}
