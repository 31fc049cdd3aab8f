//! The history of provisioning requests (SPEC section 9): what is asked, and what is shown.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ErrorCode, Problem, RequestStatus, Role, StepState, Timestamp, outcome::Provisioned, stage::StageMark,
};

/// The filters of a history page, as they stand in its address. Empty texts filter nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryFilter {
    /// The start of a slug, name or e-mail, or a whole tenant code, request id or key.
    pub q: String,
    pub status: String,
    pub code: String,
    /// The id of an employee.
    pub admin: String,
    /// Only requests of the last so many days: `1`, `7` or `30`.
    pub days: String,
    /// Where the page starts: the `next` of the page before.
    pub after: String,
}

impl HistoryFilter {
    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        [&self.q, &self.status, &self.code, &self.admin, &self.days].iter().any(|text| !text.is_empty())
    }
}

/// A page of requests, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryPage {
    pub requests: Vec<RequestSummary>,
    /// Hand this back as `after` for the next page; none at the end.
    pub next: Option<String>,
    /// Those who have made requests, for the filter.
    pub admins: Vec<AdminName>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminName {
    pub id: Uuid,
    pub name: String,
}

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestSummary {
    pub id: Uuid,
    pub status: RequestStatus,
    pub code: Option<ErrorCode>,
    pub name: String,
    pub slug: String,
    pub owner_email: String,
    pub tenant_code: Option<String>,
    pub requested_by: String,
    pub created_at: Timestamp,
    /// Milliseconds that the last attempt took.
    pub elapsed_ms: Option<f64>,
    pub attempts: u32,
}

/// Everything on record about one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestDetail {
    #[serde(flatten)]
    pub summary: RequestSummary,
    pub idempotency_key: String,
    pub attempt_log: Vec<Attempt>,
    /// What was asked for, without secrets.
    pub payload: serde_json::Value,
    pub outcome: Option<Provisioned>,
    pub problem: Option<Problem>,
    pub steps: Vec<StepDetail>,
    /// Of a request whose tenant was rolled back, or is to be.
    pub rollback: Option<Rollback>,
    pub audit: Vec<AuditLine>,
}

impl RequestDetail {
    /// What this role may see of it: the database's own words are for those who make tenants
    /// (SPEC sections 4 and 5). Everything that leaves the server goes through here.
    #[must_use]
    pub fn for_role(mut self, role: Role) -> Self {
        if !role.may_provision() {
            self.attempt_log.iter_mut().for_each(|attempt| attempt.message = None);
            let attempts = self.steps.iter_mut().flat_map(|step| &mut step.attempts);
            attempts.for_each(|attempt| attempt.message = None);
            self.rollback.iter_mut().for_each(|rollback| rollback.problem = None);
        }
        self
    }
}

/// A rollback, from its beginning on: it is only ever finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    pub reason: String,
    /// What its last try could not undo outside, for admins only.
    pub problem: Option<String>,
}

/// One attempt under a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    pub number: u32,
    pub status: RequestStatus,
    pub code: Option<ErrorCode>,
    pub constraint: Option<String>,
    /// The database's words, for admins only.
    pub message: Option<String>,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub stages: Vec<StageMark>,
}

/// A step of the external pipeline, with each time that it was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepDetail {
    pub name: String,
    pub state: StepState,
    /// How many of its tries are used up.
    pub tries: u32,
    /// When it is tried next, while it waits for that.
    pub due_at: Option<Timestamp>,
    /// What its effect is called outside.
    pub reference: Option<String>,
    /// Whether an admin may go on without it, once it is dead.
    pub may_skip: bool,
    /// Newest first.
    pub attempts: Vec<StepAttempt>,
}

/// One time that a step was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepAttempt {
    pub number: u32,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// `succeeded`, `failed`, `released`, `lost`; none while it runs.
    pub outcome: Option<String>,
    pub code: Option<ErrorCode>,
    /// The cause, for admins only.
    pub message: Option<String>,
}

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
}

/// What past runs say about the next one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The last tenant code that was drawn; none before the first.
    pub last_code: Option<String>,
    /// How many runs the median is taken over.
    pub runs: u32,
    /// Milliseconds; none without runs.
    pub median_ms: Option<f64>,
}
