use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BreakerState, Connector, Step};
use crate::{ErrorCode, Role, Timestamp};

/// How the pipeline is doing, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineHealth {
    /// Each that can be configured, in the order of the steps.
    pub connectors: Vec<ConnectorHealth>,
    pub queue: QueueHealth,
    /// Those seen in the last day, the latest to start first.
    pub workers: Vec<WorkerHealth>,
    /// The latest first; at most [`PipelineHealth::MOST_DEAD`].
    pub dead_letters: Vec<DeadLetter>,
}

/// A connector and its breaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorHealth {
    pub connector: Connector,
    pub configured: bool,
    pub breaker: BreakerState,
    /// Failures in a row.
    pub failures: u32,
    /// Until when it is left alone, while its breaker is open.
    pub until: Option<Timestamp>,
    /// When that last changed; none for one that never failed.
    pub since: Option<Timestamp>,
    /// The last failure, for admins only.
    pub message: Option<String>,
}

/// How much there is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueHealth {
    /// Jobs that were not begun.
    pub pending: u32,
    pub running: u32,
    pub retrying: u32,
    pub dead: u32,
    /// Since when the job waits that is due longest and that no worker has taken.
    pub oldest_due: Option<Timestamp>,
}

/// A worker, as of its last sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerHealth {
    pub name: String,
    pub since: Timestamp,
    pub seen: Timestamp,
    /// Whether it was seen within the time after which its work is another's.
    pub alive: bool,
}

/// A job that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    pub request_id: Uuid,
    pub name: String,
    pub tenant_code: String,
    pub step: Step,
    pub since: Timestamp,
    pub code: Option<ErrorCode>,
    /// The cause, for admins only.
    pub message: Option<String>,
}

/// How long a step took in past runs, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsualTime {
    pub step: Step,
    /// How many runs that is taken over.
    pub runs: u32,
    pub median_ms: f64,
    /// What 19 of 20 runs stayed under.
    pub p95_ms: f64,
}

impl PipelineHealth {
    /// How many dead letters are listed.
    pub const MOST_DEAD: u32 = 50;

    /// What this role may see of it: causes are for those who make tenants.
    #[must_use]
    pub fn for_role(mut self, role: Role) -> Self {
        if !role.may_provision() {
            self.connectors.iter_mut().for_each(|connector| connector.message = None);
            self.dead_letters.iter_mut().for_each(|letter| letter.message = None);
        }
        self
    }
}
