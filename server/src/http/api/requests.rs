use axum::{Json, extract::State, response::Response};
use domain::{
    FieldProblem,
    history::{HistoryFilter, RequestDetail, RequestSummary},
};
use engine::{
    Engine, Error,
    page::{Limit, Page},
    provisioning,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    examples,
    filtered_list::{CheckedFilter, FilteredList, FilteredListRequest},
    parameters::{IdPath, RequestKeyPath},
};
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
    request: FilteredListRequest<HistoryFilter>,
) -> Result<Response, ApiError> {
    request.respond(&engine, |requests, next| RequestList { requests, next }).await
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
    IdPath(id): IdPath,
) -> Result<Json<RequestDetail>, ApiError> {
    let detail = provisioning::find_request(&engine, id).await?;
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
    params(RequestKeyPath),
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
    RequestKeyPath(key): RequestKeyPath,
) -> Result<Json<RequestDetail>, ApiError> {
    let found = provisioning::find_request_by_key(&engine, key).await?;
    found.map(|detail| Json(detail.for_role(employee.role))).ok_or_else(ApiError::not_found)
}

impl CheckedFilter for HistoryFilter {
    fn problems(&self) -> Vec<FieldProblem> {
        provisioning::filter_problems(self)
    }
}

impl FilteredList for HistoryFilter {
    type Row = RequestSummary;

    async fn load(&self, engine: &Engine, limit: Limit) -> Result<Page<RequestSummary, String>, Error> {
        let page = provisioning::list_requests(engine, self, limit).await?;
        Ok(Page { rows: page.requests, next: page.next })
    }
}
