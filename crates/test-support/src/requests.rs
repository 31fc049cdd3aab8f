//! Drafts, provisioning requests, and checks of their outcomes.

use domain::{
    ErrorCode, Problem, idempotency_key::IdempotencyKey, outcome::Provisioned, provisioning::Draft,
    rollback::RollbackConfirmation,
};
use engine::{
    Error,
    provisioning::{ProvisionOutcome, ProvisionRequest},
};
use uuid::Uuid;

/// A draft with this slug. The name and the owner are derived from the slug. The draft is valid if `slug` is
/// valid.
pub fn draft(slug: &str) -> Draft {
    Draft {
        name: format!("The {slug} company"),
        slug: slug.into(),
        owner_name: "Olive Owner".into(),
        owner_email: format!("olive@{}.example.com", slug.trim_matches('-')),
        ..Draft::default()
    }
}

/// A provisioning request for a draft, with a new key.
pub fn provision_request(draft: Draft) -> ProvisionRequest {
    ProvisionRequest::new(IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap(), draft)
}

/// The same request with another draft.
pub fn with_draft(request: &ProvisionRequest, draft: Draft) -> ProvisionRequest {
    ProvisionRequest { draft, ..request.clone() }
}

/// Confirms the rollback of the tenant `golden-spoon`, with this reason.
pub fn confirm(reason: &str) -> RollbackConfirmation {
    RollbackConfirmation::parse("golden-spoon", reason).unwrap()
}

/// Asserts that a call created a tenant, and returns the outcome.
#[track_caller]
pub fn assert_created(outcome: Result<ProvisionOutcome, Error>) -> Provisioned {
    match outcome.unwrap() {
        ProvisionOutcome::Created(provisioned) => provisioned,
        ProvisionOutcome::Replayed(provisioned) => panic!("replayed {}", provisioned.request_id),
    }
}

/// Asserts that a call replayed an earlier outcome, and returns it.
#[track_caller]
pub fn assert_replayed(outcome: Result<ProvisionOutcome, Error>) -> Provisioned {
    match outcome.unwrap() {
        ProvisionOutcome::Replayed(provisioned) => provisioned,
        ProvisionOutcome::Created(provisioned) => panic!("created {}", provisioned.request_id),
    }
}

/// Asserts that a call failed with `code`, and returns the problem.
#[track_caller]
pub fn assert_error<T: std::fmt::Debug>(result: Result<T, Error>, code: ErrorCode) -> Problem {
    let problem = result.unwrap_err().problem();
    assert_eq!(problem.code, code, "{problem:?}");
    problem
}
