use axum::{
    Json,
    extract::{OriginalUri, Path, State, rejection::PathRejection},
    response::Response,
};
use domain::{
    ErrorCode, FieldProblem,
    history::{RequestDetail, RequestSummary},
    idempotency_key::IdempotencyKey,
};
use engine::{Engine, provisioning};
use serde::Serialize;
use uuid::Uuid;

use super::{history_query::HistoryQuery, list::respond};
use crate::http::{authentication::SignedIn, error::ApiError};

/// One page of the history. `next` is the value of `after` for the next page; `None` on the last page.
#[derive(Debug, Serialize)]
pub(crate) struct ListResponse {
    requests: Vec<RequestSummary>,
    next: Option<String>,
}

/// `GET /provisioning-requests`
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(_): SignedIn,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let HistoryQuery { filter, limit, .. } = HistoryQuery::parse(uri.query(), false)?;
    let page = provisioning::list_requests(&engine, &filter, limit).await?;
    let next = page.next.clone();
    Ok(respond(&uri, ListResponse { requests: page.requests, next: page.next }, next.as_deref()))
}

/// `GET /provisioning-requests/{id}`
pub(crate) async fn show(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<RequestDetail>, ApiError> {
    let detail = provisioning::find_request(&engine, parse_id(id)?).await?;
    Ok(Json(detail.for_role(employee.role)))
}

/// `GET /provisioning-requests/by-key/{key}`: the request with this key.
pub(crate) async fn show_by_key(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    key: Result<Path<String>, PathRejection>,
) -> Result<Json<RequestDetail>, ApiError> {
    let key = parse_path_key(key)?;
    let found = provisioning::find_request_by_key(&engine, key).await?;
    found.map(|detail| Json(detail.for_role(employee.role))).ok_or_else(ApiError::not_found)
}

/// Parses an ID. Any other text is `RESOURCE_NOT_FOUND`.
pub(crate) fn parse_id(id: Result<Path<String>, PathRejection>) -> Result<Uuid, ApiError> {
    let Path(text) = id.map_err(|_| ApiError::not_found())?;
    Uuid::try_parse(&text).map_err(|_| ApiError::not_found())
}

/// Parses an idempotency key in a path.
pub(crate) fn parse_path_key(key: Result<Path<String>, PathRejection>) -> Result<Uuid, ApiError> {
    let Path(text) = key.map_err(|_| ApiError::from(ErrorCode::IdempotencyKeyInvalid))?;
    let key = IdempotencyKey::parse(&text).map_err(ErrorCode::from)?;
    Ok(key.uuid())
}

/// The error for a query string that cannot be parsed.
pub(crate) fn invalid_query() -> ApiError {
    ApiError::from_field(FieldProblem::new(
        "",
        "query",
        "The query string could not be parsed. Send each parameter once.",
    ))
}
