#[cfg(feature = "ssr")]
use domain::audit::audit_action_label;
use domain::{
    Problem, TenantStatus,
    history::{Attempt, AuditEntry, RequestSummary, Rollback, StepDetail, TenantAccess, is_terminal},
};
use serde::{Deserialize, Serialize};

/// The record of one request, as pages show it. Unlike the API's
/// [`RequestDetail`](domain::history::RequestDetail) it has no flattened fields, which keeps the parser in
/// the browser's download small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The request's row in the history.
    pub summary: RequestSummary,
    /// The idempotency key.
    pub idempotency_key: String,
    /// The attempts, newest first.
    pub attempt_log: Vec<Attempt>,
    /// The payload as formatted JSON, without secrets.
    pub payload: String,
    /// The status of the tenant. `None` if the tenant does not exist.
    pub tenant_status: Option<TenantStatus>,
    /// Whether the tenant waits for an owner, and the steps with it.
    pub awaits_owner: bool,
    /// The result of a completed request, a [`Provisioned`](domain::outcome::Provisioned) as JSON. Only the
    /// form parses this JSON, so other pages do not download the parser of the type.
    pub outcome: Option<String>,
    /// The problem of a failed request.
    pub problem: Option<Problem>,
    /// The steps of the external pipeline, in order.
    pub steps: Vec<StepDetail>,
    /// The rollback, if one has started.
    pub rollback: Option<Rollback>,
    /// The audit log of the request, oldest first. The action of each entry is its label, so that browsers need
    /// no table of labels.
    pub audit: Vec<AuditEntry>,
    /// The current key and the owner's invitation, for admins. `None` if the tenant does not exist.
    pub access: Option<TenantAccess>,
    /// The server's time just before the record was read, in Unix milliseconds.
    pub read_at: i64,
}

impl RequestRecord {
    /// Whether the request needs no further work; see [`is_terminal`].
    pub fn is_terminal(&self) -> bool {
        is_terminal(&self.summary, &self.steps)
    }
}

#[cfg(feature = "ssr")]
impl RequestRecord {
    /// The record that was read at `read_at`. After each later change, the page receives a new record.
    pub fn new(detail: domain::history::RequestDetail, read_at: i64) -> Self {
        Self {
            summary: detail.summary,
            idempotency_key: detail.idempotency_key,
            attempt_log: detail.attempt_log,
            payload: serde_json::to_string_pretty(&detail.payload).unwrap_or_default(),
            tenant_status: detail.tenant_status,
            awaits_owner: detail.awaits_owner,
            outcome: detail.outcome.and_then(|outcome| serde_json::to_string(&outcome).ok()),
            problem: detail.problem,
            steps: detail.steps,
            rollback: detail.rollback,
            audit: detail.audit.into_iter().map(with_label).collect(),
            access: detail.access,
            read_at,
        }
    }
}

#[cfg(feature = "ssr")]
fn with_label(entry: AuditEntry) -> AuditEntry {
    AuditEntry { action: audit_action_label(&entry.action).to_owned(), ..entry }
}

/// The server's time, in Unix milliseconds.
#[cfg(feature = "ssr")]
pub fn now_ms() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}
