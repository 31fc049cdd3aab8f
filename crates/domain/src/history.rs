//! The history of provisioning requests (`docs/specification.md`, section 9): its filters and its rows.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ErrorCode, Problem, RequestStatus, Role, StepState, TenantStatus, Timestamp,
    invitation::InvitationStatus,
    list_filter::{FilterField, ListFilter},
    outcome::Provisioned,
    stage::StageTime,
};

/// The filters of the history, as in the query string of its page. An empty filter matches every request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default)]
pub struct HistoryFilter {
    /// The beginning of a slug, name or e-mail address, or a complete tenant code, request ID or idempotency
    /// key.
    #[cfg_attr(feature = "openapi", param(example = "golden"))]
    pub q: String,
    /// The status of the requests.
    #[cfg_attr(feature = "openapi", param(value_type = RequestStatus, example = "completed"))]
    pub status: String,
    /// The error code of the last attempt.
    #[cfg_attr(feature = "openapi", param(value_type = ErrorCode))]
    pub code: String,
    /// The ID of the employee who sent the request.
    #[cfg_attr(feature = "openapi", param(format = Uuid))]
    pub admin: String,
    /// The age limit in days, from 1 to 366.
    #[cfg_attr(feature = "openapi", param(value_type = u16, minimum = 1, maximum = 366, example = 30))]
    pub days: String,
    /// The cursor of the page: the `next` of the previous page.
    #[cfg_attr(feature = "openapi", param(pattern = r"^([0-9]{1,17}\.[0-9a-f]{32})?$"))]
    pub after: String,
}

impl ListFilter for HistoryFilter {
    const PARAMETERS: &'static [(&'static str, FilterField<Self>)] = &[
        ("q", |filter| &mut filter.q),
        ("status", |filter| &mut filter.status),
        ("code", |filter| &mut filter.code),
        ("admin", |filter| &mut filter.admin),
        ("days", |filter| &mut filter.days),
        ("after", Self::after),
    ];

    fn after(&mut self) -> &mut String {
        &mut self.after
    }
}

impl HistoryFilter {
    /// Whether any filter is set.
    pub fn is_filtered(&self) -> bool {
        [&self.q, &self.status, &self.code, &self.admin, &self.days].iter().any(|text| !text.is_empty())
    }
}

/// A page of requests, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The requests of this page.
    pub requests: Vec<RequestSummary>,
    /// The cursor of the next page, to be sent as `after`. `None` on the last page.
    pub next: Option<String>,
    /// The employees to choose from in the filter: the first 200 by name.
    pub admins: Vec<AdminName>,
}

/// An employee in the filter of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminName {
    /// The employee's ID.
    pub id: Uuid,
    /// The employee's name.
    pub name: String,
}

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestSummary {
    /// The ID of the request.
    pub id: Uuid,
    /// The status of the request. Does not cover the steps of its job.
    pub status: RequestStatus,
    /// The error code of the last attempt.
    pub code: Option<ErrorCode>,
    /// The name of the tenant.
    pub name: String,
    /// The slug of the tenant.
    pub slug: String,
    /// The e-mail address of the owner.
    pub owner_email: String,
    /// The tenant code, if a tenant was created.
    pub tenant_code: Option<String>,
    /// The name of the employee who sent the request.
    pub requested_by: String,
    /// When the request was received.
    pub created_at: Timestamp,
    /// The duration of the last attempt in milliseconds.
    pub elapsed_ms: Option<f64>,
    /// The number of attempts.
    pub attempts: u32,
    /// When the payload and the personal data of the request were removed. The name, the slug and the e-mail
    /// address are then empty.
    pub redacted_at: Option<Timestamp>,
}

impl RequestSummary {
    /// The name to show on screen. Never empty.
    pub fn display_name(&self) -> &str {
        match self.name.as_str() {
            "" if self.redacted_at.is_some() => "Redacted tenant",
            "" => "Unnamed tenant",
            name => name,
        }
    }
}

/// A request with its complete record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestDetail {
    /// The row of the history.
    #[serde(flatten)]
    pub summary: RequestSummary,
    /// The idempotency key.
    pub idempotency_key: String,
    /// The attempts, newest first.
    pub attempt_log: Vec<Attempt>,
    /// The payload of the request, without secrets.
    pub payload: serde_json::Value,
    /// The status of the tenant; null if the tenant does not exist.
    pub tenant_status: Option<TenantStatus>,
    /// Whether the tenant waits for an owner, and the steps with it.
    #[serde(default)]
    pub awaits_owner: bool,
    /// The result of a completed request.
    pub outcome: Option<Provisioned>,
    /// The problem of a failed request.
    pub problem: Option<Problem>,
    /// The steps of the external pipeline, in order.
    pub steps: Vec<StepDetail>,
    /// The rollback, if one has started.
    pub rollback: Option<Rollback>,
    /// The audit log of the request, oldest first.
    pub audit: Vec<AuditEntry>,
    /// The current key and the owner's invitation; null if the tenant does not exist. For admins only.
    pub access: Option<TenantAccess>,
}

/// Whether the request needs no further work. A rollback, or a new call with the key of a failed request, can
/// still change the request.
pub fn is_terminal(summary: &RequestSummary, steps: &[StepDetail]) -> bool {
    summary.status != RequestStatus::Processing && steps.iter().all(|step| step.state.is_terminal())
}

impl RequestDetail {
    /// Removes the fields that this role must not see. Messages of the database and of external systems, and
    /// the reason why an e-mail address is not available, are for admins only (`docs/specification.md`,
    /// sections 3 to 5). Every response passes through this function.
    #[must_use]
    pub fn for_role(mut self, role: Role) -> Self {
        if !role.may_provision() {
            self.attempt_log.iter_mut().for_each(|attempt| attempt.message = None);
            let attempts = self.steps.iter_mut().flat_map(|step| &mut step.attempts);
            attempts.for_each(|attempt| attempt.message = None);
            self.rollback.iter_mut().for_each(|rollback| rollback.last_error = None);
            self.access = None;
            let unavailable = self.problem.iter_mut().filter(|p| p.code == ErrorCode::EmailUnavailable);
            unavailable.for_each(|problem| (problem.conflict, problem.email_reason) = (None, None));
        }
        self
    }
}

/// A rollback that has started. It cannot be cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// Why the tenant is rolled back.
    pub reason: String,
    /// The step whose effect the last run of the rollback could not remove, and the error. Null while a
    /// rollback runs, and after it succeeded. For admins only.
    pub last_error: Option<String>,
}

/// The current key pair of a tenant and the owner's invitation. An admin can replace both if they were lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantAccess {
    /// The ID of the key pair that no other pair has replaced.
    pub key_id: String,
    /// The public key of this pair.
    pub public_key: String,
    /// The status of the owner's invitation; null for a tenant without an owner.
    pub invitation: Option<InvitationStatus>,
}

/// One attempt of the atomic core that has ended. An attempt that is running is not listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The number of the attempt, from 1.
    pub number: u32,
    /// The status of the attempt.
    pub status: RequestStatus,
    /// The error code of a failed attempt.
    pub code: Option<ErrorCode>,
    /// The violated constraint.
    pub constraint: Option<String>,
    /// The cause of the failure, such as a message of the database. For admins only.
    pub message: Option<String>,
    /// When the attempt started.
    pub started_at: Timestamp,
    /// When the attempt ended. Every attempt is recorded with this time, although the database allows null.
    pub finished_at: Option<Timestamp>,
    /// The stages that the attempt reached.
    pub stages: Vec<StageTime>,
}

/// A step of the external pipeline with its attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StepDetail {
    /// The name of the step, such as `STEP_1_COPY_DB`.
    pub name: String,
    /// The state of the step.
    pub state: StepState,
    /// How many attempts have started.
    pub attempt_count: u32,
    /// `CIRCUIT_OPEN` if the step waits for its connector.
    pub wait_code: Option<ErrorCode>,
    /// When the next attempt of a retrying step is due, or when the connector of a waiting step is tested.
    pub due_at: Option<Timestamp>,
    /// The name of the step's effect in the external system.
    pub reference: Option<String>,
    /// Whether an admin may skip the step when it is dead.
    pub may_skip: bool,
    /// The latest attempts, newest first, at most 50.
    pub attempts: Vec<StepAttempt>,
}

impl StepDetail {
    /// The maximum number of attempts in the list.
    pub const MAX_LISTED_ATTEMPTS: u32 = 50;

    /// A step that no worker ever runs, because its external system is not configured.
    pub fn skipped(name: String) -> Self {
        Self {
            name,
            state: StepState::Skipped,
            attempt_count: 0,
            wait_code: None,
            due_at: None,
            reference: None,
            may_skip: false,
            attempts: Vec::new(),
        }
    }
}

/// One attempt of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StepAttempt {
    /// The number of the attempt, from 1.
    pub number: u32,
    /// When the attempt started.
    pub started_at: Timestamp,
    /// When the attempt ended; null while it runs.
    pub finished_at: Option<Timestamp>,
    /// `succeeded`, `failed`, `released` or `lost`; null while it runs.
    pub outcome: Option<String>,
    /// The error code of a failed or lost attempt.
    pub code: Option<ErrorCode>,
    /// The cause. For admins only.
    pub message: Option<String>,
}

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// When the action happened.
    pub at: Timestamp,
    /// The name of the actor.
    pub actor: String,
    /// The action, such as `tenant.provisioned`.
    pub action: String,
}

/// The values from which the form predicts the tenant code and the duration of the next provisioning.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The tenant code that was assigned last, even if its provisioning failed. The form derives its hint
    /// about the next code from it. `None` if no code was assigned yet.
    pub last_code: Option<String>,
    /// How many provisionings the median covers.
    pub runs: u32,
    /// The median duration in milliseconds; `None` if there are no past provisionings.
    pub median_ms: Option<f64>,
}
