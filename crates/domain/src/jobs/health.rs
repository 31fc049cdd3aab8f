use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The size of the queue at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueHealth {
    /// Jobs that have not started.
    pub pending: u32,
    /// Jobs that a worker runs.
    pub running: u32,
    /// Jobs that wait for their next attempt.
    pub retrying: u32,
    /// Jobs that wait for a connector whose circuit breaker is not closed. The other counts do not include
    /// them.
    pub waiting_for_connector: u32,
    /// Jobs with a dead step.
    pub dead: u32,
    /// When the longest-waiting job became due; `None` if no due job waits for a worker.
    pub oldest_due: Option<Timestamp>,
}

/// A worker and its last heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerHealth {
    /// The name of the worker.
    pub name: String,
    /// When the worker started.
    pub started_at: Timestamp,
    /// The time of the last heartbeat.
    pub last_seen_at: Timestamp,
    /// Whether the last heartbeat is at most 45 seconds old.
    pub is_online: bool,
}
