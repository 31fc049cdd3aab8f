//! Drafts, orders, and what came of them.

use domain::{
    ErrorCode, Problem,
    idempotency_key::IdempotencyKey,
    outcome::Provisioned,
    provisioning::{Draft, path},
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

/// The text of a field, by its path.
pub fn field<'a>(draft: &'a mut Draft, field: &str) -> &'a mut String {
    match field {
        path::NAME => &mut draft.name,
        path::SLUG => &mut draft.slug,
        path::PLAN => &mut draft.plan,
        path::TIME_ZONE => &mut draft.time_zone,
        path::CURRENCY => &mut draft.currency,
        path::OWNER_NAME => &mut draft.owner_name,
        path::OWNER_EMAIL => &mut draft.owner_email,
        path::BLUEPRINT => &mut draft.blueprint,
        path::THEME => &mut draft.theme,
        path::COMMISSION => &mut draft.commission,
        _ => panic!("no field {field}"),
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
