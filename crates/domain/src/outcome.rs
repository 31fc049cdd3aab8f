//! What a provisioning made: the body of the API's answer, kept with the request for replays
//! (SPEC section 8).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{StepState, TenantStatus, Timestamp, stage::StageMark};

/// A whole tenant, as it is told to whoever asked for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provisioned {
    pub request_id: Uuid,
    pub tenant: TenantFacts,
    pub owner: OwnerFacts,
    /// The secret API key: in the first answer only.
    pub secret_key: Option<String>,
    /// Whether the secret was told in an earlier answer.
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

    /// The answer for a repeated call: the same, without what is told once.
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

/// The person in charge, and the invitation that lets them in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerFacts {
    pub name: String,
    pub email: String,
    pub invitation_expires_at: Timestamp,
    /// The single-use link: in the first answer only.
    #[serde(default)]
    pub invitation_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentFacts {
    pub slug: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageFacts {
    pub slug: String,
    pub name: String,
    /// Minor currency units.
    pub base_price: i64,
    pub position: i32,
}

/// The external part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineFacts {
    pub state: StepState,
    pub steps: Vec<StepFacts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFacts {
    pub name: String,
    pub state: StepState,
}
