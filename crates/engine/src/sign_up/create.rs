use std::time::Duration;

use domain::{
    ErrorCode, FieldProblem, Problem,
    idempotency_key::IdempotencyKey,
    password::Password,
    sign_up::{SignUpMode, VerifiedSignUp},
    slug::Slug,
};
use uuid::Uuid;

use super::link::{StoredSignUp, read_sign_up};
use crate::{
    Engine, Error,
    access::{Employee, find_built_in_employee},
    provisioning::{ProvisionOutcome, ProvisionRequest, SignUpOptions, provision},
};

/// How often a call waits for another one that creates the same tenant. Each call of the core waits for 2 s.
const MAX_WAITS: u32 = 5;

/// Creates the tenant of a sign-up, unless an earlier call has created it. Its owner has no password yet.
/// Checks the password, so that [`verify_sign_up`](super::verify_sign_up) accepts it, but does not store it.
///
/// `slug` replaces the slug of the sign-up.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an expired, replaced or unknown link, and while nobody can sign up;
/// `VALIDATION_ERROR` for a password that is not accepted, or if the person must choose a slug;
/// `DUPLICATE_SLUG` with available slugs; `EMAIL_UNAVAILABLE` if the address has an account; the errors of
/// [`provision`].
pub async fn create_from_sign_up(
    engine: &Engine,
    token: &str,
    password: &str,
    slug: Option<&Slug>,
) -> Result<(), Error> {
    engine.require_sign_up()?;
    let stored = read_sign_up(engine, token).await?;
    parse_password(password, &stored.sign_up)?;
    if stored.has_account {
        // The password decides whether this is the person who signed up.
        return if stored.request_id.is_some() { Ok(()) } else { Err(has_account(&stored.sign_up)) };
    }
    create_tenant(engine, &stored, slug).await.map(drop)
}

/// Parses the password of the owner.
pub(super) fn parse_password(text: &str, sign_up: &VerifiedSignUp) -> Result<Password, Error> {
    Password::parse(text, &[&sign_up.email, &sign_up.name, &sign_up.company])
        .map_err(|problem| Problem::from_fields(vec![problem.in_field("password")]).into())
}

/// The refusal of an address that has an account. The sender of the call has read a mail to this address.
pub(super) fn has_account(sign_up: &VerifiedSignUp) -> Error {
    let subject = Some(sign_up.email.clone());
    let email_reason = Some(domain::error::EmailReason::HasAccount);
    Problem { subject, email_reason, ..ErrorCode::EmailUnavailable.into() }.into()
}

/// Creates the tenant, and returns the ID of its request. Waits for another call that creates it.
pub(super) async fn create_tenant(
    engine: &Engine,
    stored: &StoredSignUp,
    slug: Option<&Slug>,
) -> Result<Uuid, Error> {
    if let Some(request_id) = stored.request_id {
        return Ok(request_id);
    }
    let sign_up = &stored.sign_up;
    let Some(slug) = slug.or(sign_up.slug.as_ref()) else {
        let message = "No slug can be derived from the name of your organisation. Choose one.";
        return Err(Problem::from_fields(vec![FieldProblem::new("slug", "required", message)]).into());
    };
    let key = IdempotencyKey::from_uuid(stored.id).map_err(ErrorCode::from)?;
    let options = SignUpOptions { needs_approval: engine.sign_up().mode == SignUpMode::Approval };
    let request = ProvisionRequest::from_sign_up(key, sign_up.to_draft(slug), options);
    let service = find_built_in_employee(engine, "signup").await?;
    match call_core(engine, &service, request).await {
        Ok(ProvisionOutcome::Created(tenant) | ProvisionOutcome::Replayed(tenant)) => Ok(tenant.request_id),
        Err(error) => match (error.problem(), error) {
            // Another call created the tenant with another slug.
            (Problem { code: ErrorCode::IdempotencyKeyReused, request_id: Some(id), .. }, _) => Ok(id),
            // The tenant was rolled back or deleted.
            (Problem { code: ErrorCode::DuplicateRequest, .. }, _) => Err(ErrorCode::ResourceNotFound.into()),
            (Problem { code: ErrorCode::EmailUnavailable, .. }, _) => Err(has_account(sign_up)),
            (_, Error::Refused(problem)) => Err(for_public(*problem).into()),
            (_, error) => Err(error),
        },
    }
}

/// Calls the core, and again while another call with the same key runs.
async fn call_core(
    engine: &Engine,
    service: &Employee,
    request: ProvisionRequest,
) -> Result<ProvisionOutcome, Error> {
    let mut waits = 0;
    loop {
        // The owner needs no invitation link, so its origin does not matter.
        let result = provision(engine, service, request.clone(), "").await;
        let is_running =
            matches!(&result, Err(error) if error.problem().code == ErrorCode::RequestInProgress);
        if !is_running || waits == MAX_WAITS {
            return result;
        }
        waits += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Removes what only admins may know: who has a slug, and the ID of the request.
fn for_public(problem: Problem) -> Problem {
    Problem {
        conflict: None,
        email_reason: None,
        earlier_tenant: None,
        request_id: None,
        attempt: None,
        ..problem
    }
}
