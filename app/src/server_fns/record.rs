use domain::{
    Problem,
    history::{Attempt, AuditLine, RequestSummary, Rollback, StepDetail, is_terminal},
    outcome::Provisioned,
};
use serde::{Deserialize, Serialize};

/// Everything on record about one request, as pages show it. Unlike the API's
/// [`RequestDetail`](domain::history::RequestDetail) it is read without looking ahead, which keeps
/// the parser that a browser downloads small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub summary: RequestSummary,
    pub idempotency_key: String,
    pub attempt_log: Vec<Attempt>,
    /// What was asked for, without secrets: JSON for people.
    pub payload: String,
    pub outcome: Option<Provisioned>,
    pub problem: Option<Problem>,
    pub steps: Vec<StepDetail>,
    pub rollback: Option<Rollback>,
    pub audit: Vec<AuditLine>,
    /// The server's clock when its reading began, which the times in it are of. In milliseconds, as
    /// [`Timestamp`](domain::Timestamp) has it.
    pub read_at: i64,
}

impl Record {
    /// See [`is_terminal`].
    pub fn is_terminal(&self) -> bool {
        is_terminal(&self.summary, &self.steps)
    }
}

#[cfg(feature = "ssr")]
impl Record {
    /// What was read, and when that was begun: whatever changes after that moment is told of, and read anew.
    pub fn of(detail: domain::history::RequestDetail, read_at: i64) -> Self {
        Self {
            summary: detail.summary,
            idempotency_key: detail.idempotency_key,
            attempt_log: detail.attempt_log,
            payload: serde_json::to_string_pretty(&detail.payload).unwrap_or_default(),
            outcome: detail.outcome,
            problem: detail.problem,
            steps: detail.steps,
            rollback: detail.rollback,
            audit: detail.audit,
            read_at,
        }
    }
}

/// The server's clock, in milliseconds.
#[cfg(feature = "ssr")]
pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
