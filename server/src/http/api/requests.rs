use axum::{
    Json,
    extract::{OriginalUri, Path, State, rejection::PathRejection},
    response::Response,
};
use domain::{
    ErrorCode, FieldProblem,
    history::{HistoryFilter, RequestDetail, RequestSummary},
    idempotency_key::IdempotencyKey,
};
use engine::{Engine, provisioning};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{examples, history_query::HistoryQuery, list::respond};
use crate::http::{authentication::SignedIn, error::ApiError};

/// One page of the history, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestList {
    requests: Vec<RequestSummary>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// List provisioning requests
#[utoipa::path(
    get,
    path = "/provisioning-requests",
    operation_id = "listRequests",
    tag = "Requests",
    params(
        HistoryFilter,
        (
            "limit" = Option<u8>, Query, minimum = 1, maximum = 200, example = 20,
            description = "The maximum number of requests in the page, by default 50.",
        ),
    ),
    responses((
        status = 200,
        description = "One page of the history.",
        body = RequestList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "requests": [examples::request()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(_): SignedIn,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let HistoryQuery { filter, limit, .. } = HistoryQuery::parse(uri.query(), false)?;
    let page = provisioning::list_requests(&engine, &filter, limit).await?;
    let next = page.next.clone();
    Ok(respond(&uri, RequestList { requests: page.requests, next: page.next }, next.as_deref()))
}

/// Read a provisioning request
///
/// Messages of the database and of external systems, and `access`, are for admins only.
#[utoipa::path(
    get,
    path = "/provisioning-requests/{id}",
    operation_id = "readRequest",
    tag = "Requests",
    params(("id" = Uuid, Path, description = "The ID of the request.")),
    responses((
        status = 200,
        description = "The request with its attempts, stages, steps and outcome.",
        body = RequestDetail,
        example = json!(examples::request_detail()),
    )),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<RequestDetail>, ApiError> {
    let detail = provisioning::find_request(&engine, parse_id(id)?).await?;
    Ok(Json(detail.for_role(employee.role)))
}

/// Read the provisioning request with an idempotency key
///
/// Finds the requests of all employees.
#[utoipa::path(
    get,
    path = "/provisioning-requests/by-key/{key}",
    operation_id = "readRequestByKey",
    tag = "Requests",
    params((
        "key" = Uuid, Path, example = "6b1f6d2e-6d0c-4f4e-9d55-0c2f3a8b7e10",
        description = "The idempotency key of the request.",
    )),
    responses((
        status = 200,
        description = "The request with its attempts, stages, steps and outcome.",
        body = RequestDetail,
        example = json!(examples::request_detail()),
    )),
)]
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
