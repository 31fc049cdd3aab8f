use serde::{Deserialize, Serialize};

use super::MailRecord;
use crate::{Timestamp, jobs::BreakerState};

/// The state of the outbox at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutboxHealth {
    /// The mail server with its port, or the folder.
    pub destination: String,
    /// Whether messages are written to a folder, because no mail server is configured.
    pub is_folder: bool,
    /// The state of the circuit breaker of the mail server.
    pub breaker: BreakerState,
    /// Messages that are waiting for their delivery.
    pub pending: u32,
    /// When the oldest of them was stored.
    pub oldest_pending: Option<Timestamp>,
    /// Messages that wait until their tenant is active.
    pub held: u32,
    /// Messages that failed in the last 7 days.
    pub failed: u32,
    /// Messages that became unconfirmed in the last 7 days.
    pub unconfirmed: u32,
    /// When the latest message was sent.
    pub last_sent: Option<Timestamp>,
    /// The latest messages that failed or became unconfirmed in the last 7 days, at most 20. Empty unless the
    /// role may provision.
    pub problems: Vec<MailProblem>,
}

/// A message that failed or is unconfirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailProblem {
    /// The message.
    pub message: MailRecord,
    /// The tenant of the message, if it has one.
    pub tenant: Option<MailTenant>,
}

/// The tenant of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTenant {
    /// The name of the tenant.
    pub name: String,
    /// The code of the tenant, such as `TEN-00000001`.
    pub code: String,
}
