use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode, StepState, idempotency_key::IdempotencyKey, outcome::Provisioned, provisioning::Draft,
};
use engine::{
    access::Principal,
    provisioning::{Answer, ProvisionRequest, provision_detached},
};

use super::json_body;
use crate::{
    http::{error::ApiError, state::Server, visitor::SignedIn},
    pages::Console,
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// `POST /tenants`: 201 with the tenant, or 202 where steps of the pipeline are still to come. A
/// replay answers the same, and says so in a header.
pub async fn create(
    State(server): State<Server>,
    SignedIn(principal): SignedIn,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let key = header_key(&headers)?;
    let console = &server.console;
    let (draft, problems) = match json_body::read(request).await {
        Ok(body) => Draft::from_json(&body),
        Err(unreadable) => return Err(on_record(console, principal, key, unreadable).await),
    };
    let order = ProvisionRequest { key, draft, problems };
    let (made, replayed) =
        match provision_detached(&console.engine, principal, order, &console.origin).await? {
            Answer::Created(made) => (made, None),
            Answer::Replayed(made) => (made, Some((REPLAYED, HeaderValue::from_static("true")))),
        };
    let location = format!("/api/v1/admin/provisioning-requests/{}", made.request_id);
    let mut response = (status(&made), [(header::LOCATION, location)], Json(made)).into_response();
    response.headers_mut().extend(replayed);
    Ok(response)
}

fn status(made: &Provisioned) -> StatusCode {
    match made.pipeline.state {
        StepState::Pending | StepState::Running | StepState::Retrying => StatusCode::ACCEPTED,
        _ => StatusCode::CREATED,
    }
}

/// Keeps an attempt whose body could not be read in the history, as any other that was refused,
/// and tells what was wrong with it. A body that is too large is not among them: it was refused
/// before anything was read, when nobody knew yet whose it is.
async fn on_record(
    console: &Console,
    principal: Principal,
    key: IdempotencyKey,
    unreadable: ApiError,
) -> ApiError {
    let problems = unreadable.problem.errors.clone();
    if problems.is_empty() {
        return unreadable;
    }
    let order = ProvisionRequest { key, draft: Draft::default(), problems };
    match provision_detached(&console.engine, principal, order, &console.origin).await {
        Err(error) if error.problem().code == ErrorCode::ValidationError => {
            unreadable.of_request(error.problem().request_id)
        }
        Err(error) => error.into(),
        Ok(_) => unreadable,
    }
}

/// The key of the request; of two keys neither counts.
fn header_key(headers: &HeaderMap) -> Result<IdempotencyKey, ErrorCode> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).into_iter();
    match (values.next(), values.next()) {
        (None, _) => Err(ErrorCode::IdempotencyKeyMissing),
        (Some(value), None) => Ok(IdempotencyKey::parse(value.to_str().unwrap_or("?"))?),
        _ => Err(ErrorCode::IdempotencyKeyInvalid),
    }
}
