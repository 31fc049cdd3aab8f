use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode,
    idempotency_key::{IdempotencyKey, IdempotencyKeyProblem},
    provisioning::Draft,
};
use engine::{
    access::Principal,
    provisioning::{Answer, Order},
};

use super::json_body;
use crate::{
    http::{
        error::{ApiError, unforeseen},
        state::Server,
        visitor::MayProvision,
    },
    pages::Console,
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// `POST /tenants`: 201 with the tenant, also for a replay, which says so in a header.
pub async fn create(
    State(server): State<Server>,
    MayProvision(principal): MayProvision,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let key = header_key(&headers)?;
    let body = json_body::read(request).await?;
    let (draft, problems) = Draft::from_json(&body);
    match provision(&server.console, principal, Order { key, draft, problems }).await? {
        Answer::Created(made) => {
            let location = format!("/api/v1/admin/provisioning-requests/{}", made.request_id);
            Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(made)).into_response())
        }
        Answer::Replayed(made) => {
            let location = format!("/api/v1/admin/provisioning-requests/{}", made.request_id);
            let mut response =
                (StatusCode::CREATED, [(header::LOCATION, location)], Json(made)).into_response();
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
    }
}

/// Runs in a task of its own: a client that goes away does not stop it half way.
///
/// # Errors
/// Whatever the engine answers, told and logged.
pub async fn provision(console: &Console, principal: Principal, order: Order) -> Result<Answer, ApiError> {
    let (engine, origin) = (console.engine.clone(), console.origin.clone());
    let work = async move { engine::provisioning::provision(&engine, &principal, order, &origin).await };
    match tokio::spawn(work).await {
        Ok(answer) => Ok(answer?),
        Err(panic) => Err(unforeseen(&panic.to_string())),
    }
}

/// Reads a key with the code of what is wrong with it.
///
/// # Errors
/// `IDEMPOTENCY_KEY_MISSING`, `IDEMPOTENCY_KEY_INVALID`.
pub fn parse_key(text: &str) -> Result<IdempotencyKey, ErrorCode> {
    IdempotencyKey::parse(text).map_err(|problem| match problem {
        IdempotencyKeyProblem::Missing => ErrorCode::IdempotencyKeyMissing,
        IdempotencyKeyProblem::Invalid => ErrorCode::IdempotencyKeyInvalid,
    })
}

/// The key of the request; of two keys neither counts.
fn header_key(headers: &HeaderMap) -> Result<IdempotencyKey, ErrorCode> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).into_iter();
    match (values.next(), values.next()) {
        (None, _) => Err(ErrorCode::IdempotencyKeyMissing),
        (Some(value), None) => parse_key(value.to_str().unwrap_or("?")),
        _ => Err(ErrorCode::IdempotencyKeyInvalid),
    }
}
