use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::access::SessionSummary;
use engine::{
    Engine,
    access::{end_other_sessions, end_session_by_id, list_sessions},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    examples,
    list::{ListRequest, PageParameters},
    parameters::IdPath,
};
use crate::http::{authentication::SignedIn, credential::Credential, error::ApiError, state::ServerState};

/// One page of the sessions that have not ended, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct SessionList {
    sessions: Vec<SessionSummary>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// The result of ending several sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndedSessions {
    /// How many sessions have ended.
    pub ended: usize,
}

/// List sessions
///
/// A `SUPER_ADMIN` sees all sessions, other people see their own.
#[utoipa::path(
    get,
    path = "/sessions",
    operation_id = "listSessions",
    tag = "Sessions",
    params(PageParameters),
    responses((
        status = 200,
        description = "One page of the sessions.",
        body = SessionList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "sessions": [examples::session()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    list: ListRequest,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let credential = Credential::read(&headers, server.is_https);
    let current = credential.as_ref().and_then(Credential::session_token);
    let page = list_sessions(&server.console.engine, &employee.into(), current, list.page).await?;
    Ok(list.respond(page, |sessions, next| SessionList { sessions, next }))
}

/// End all other sessions
///
/// Ends the sender's own sessions, except the one that sends the request.
#[utoipa::path(
    delete,
    path = "/sessions",
    operation_id = "endOtherSessions",
    tag = "Sessions",
    responses((
        status = 200,
        description = "How many sessions have ended.",
        body = EndedSessions,
        example = json!({ "ended": 2 }),
    )),
)]
pub(crate) async fn end_others(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    headers: HeaderMap,
) -> Result<Json<EndedSessions>, ApiError> {
    let credential = Credential::read(&headers, server.is_https);
    let current = credential.as_ref().and_then(Credential::session_token);
    let ended = end_other_sessions(&server.console.engine, &employee, current).await?;
    Ok(Json(EndedSessions { ended }))
}

/// End a session
///
/// Also ends its event streams. A `SUPER_ADMIN` ends any session, other people their own.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    operation_id = "endSession",
    tag = "Sessions",
    params(("id" = Uuid, Path, description = "The ID of the session.")),
    responses((status = 204, description = "The session has ended.")),
)]
pub(crate) async fn end(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    end_session_by_id(&engine, &employee.into(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
