use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Connector, Step};
use crate::{
    ErrorCode, Role, Timestamp,
    jobs::{BreakerState, QueueHealth, StepName, WorkerHealth},
    mail::OutboxHealth,
};

/// The health of the pipeline at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineHealth {
    /// Every external system that can be configured, in the order of the steps.
    pub connectors: Vec<ConnectorHealth>,
    /// The jobs by state.
    pub queue: QueueHealth,
    /// Workers with a heartbeat in the last 24 hours: online workers first, then the newest first, at most
    /// 200.
    pub workers: Vec<WorkerHealth>,
    /// The dead letters, newest first, at most [`PipelineHealth::MAX_DEAD_LETTERS`].
    pub dead_letters: Vec<DeadLetter>,
    /// The outbox of mail.
    pub mail: OutboxHealth,
}

/// A connector and its circuit breaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorHealth {
    /// The connector.
    pub connector: Connector,
    /// Whether the connector is configured.
    pub configured: bool,
    /// The state of its circuit breaker.
    pub breaker: BreakerState,
    /// Counted failures since the last success.
    pub failures: u32,
    /// When an open breaker lets one step test the connector.
    pub next_test_at: Option<Timestamp>,
    /// When the breaker last counted a failure or changed its state; `None` if the connector never failed.
    pub changed_at: Option<Timestamp>,
    /// The last failure; only for roles that may provision.
    pub message: Option<String>,
}

/// A job with a dead step, which waits for an admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The job.
    pub job_id: Uuid,
    /// The kind of the job, such as `provisioning`.
    pub kind: String,
    /// The provisioning request that the job belongs to, if any.
    pub request_id: Option<Uuid>,
    /// The tenant that the job belongs to, if any.
    pub tenant: Option<DeadLetterTenant>,
    /// The dead step.
    pub step: StepName,
    /// When the step became dead.
    pub dead_at: Timestamp,
    /// The error code of its last attempt.
    pub code: Option<ErrorCode>,
    /// The cause of the failure; only for roles that may provision.
    pub message: Option<String>,
}

/// The tenant of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterTenant {
    /// The name of the tenant.
    pub name: String,
    /// The code of the tenant, such as `TEN-00000001`.
    pub code: String,
}

/// The duration of a step in past runs, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypicalDuration {
    /// The step.
    pub step: Step,
    /// The number of runs that were measured.
    pub runs: u32,
    /// The median duration.
    pub median_ms: f64,
    /// The 95th percentile of the duration.
    pub p95_ms: f64,
}

impl PipelineHealth {
    /// The maximum number of dead letters in the list.
    pub const MAX_DEAD_LETTERS: u32 = 50;

    /// Removes the failure messages unless the role may provision tenants.
    #[must_use]
    pub fn for_role(mut self, role: Role) -> Self {
        if !role.may_provision() {
            self.connectors.iter_mut().for_each(|connector| connector.message = None);
            self.dead_letters.iter_mut().for_each(|letter| letter.message = None);
            self.mail.problems.clear();
        }
        self
    }
}
