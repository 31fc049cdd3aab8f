//! Drafts, orders, and what came of them.

use domain::{
    ErrorCode, Problem, idempotency_key::IdempotencyKey, outcome::Provisioned, provisioning::Draft,
};
use engine::{
    Error,
    provisioning::{Answer, ProvisionRequest},
};
use uuid::Uuid;

/// A draft without a fault, unless the slug has one; name and owner follow from the slug.
pub fn draft(slug: &str) -> Draft {
    Draft {
        name: format!("The {slug} company"),
        slug: slug.into(),
        owner_name: "Olive Owner".into(),
        owner_email: format!("olive@{}.example.com", slug.trim_matches('-')),
        ..Draft::default()
    }
}

/// An order for the draft under a new key.
pub fn order(draft: Draft) -> ProvisionRequest {
    ProvisionRequest { key: IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap(), draft, problems: Vec::new() }
}

/// The same key, another draft.
pub fn with_draft(order: &ProvisionRequest, draft: Draft) -> ProvisionRequest {
    ProvisionRequest { draft, ..order.clone() }
}

#[track_caller]
pub fn created(answer: Result<Answer, Error>) -> Provisioned {
    match answer.unwrap() {
        Answer::Created(made) => made,
        Answer::Replayed(made) => panic!("replayed {}", made.request_id),
    }
}

#[track_caller]
pub fn replayed(answer: Result<Answer, Error>) -> Provisioned {
    match answer.unwrap() {
        Answer::Replayed(made) => made,
        Answer::Created(made) => panic!("created {}", made.request_id),
    }
}

/// The problem of a call that was refused with `code`.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Error>, code: ErrorCode) -> Problem {
    let problem = answer.unwrap_err().problem();
    assert_eq!(problem.code, code, "{problem:?}");
    problem
}
