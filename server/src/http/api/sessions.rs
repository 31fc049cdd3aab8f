use axum::{
    extract::{OriginalUri, Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::access::SessionSummary;
use engine::{
    Engine,
    access::{end_session_by_id, list_sessions},
};
use serde::Serialize;

use super::{
    list::{parse_page, respond},
    requests::parse_id,
};
use crate::http::{authentication::SignedIn, credential::Credential, error::ApiError, state::ServerState};

#[derive(Debug, Serialize)]
struct SessionList {
    sessions: Vec<SessionSummary>,
    next: Option<String>,
}

/// `GET /sessions`
pub(crate) async fn list(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let credential = Credential::read(&headers, server.is_https);
    let current = credential.as_ref().and_then(Credential::session_token);
    let page = parse_page(uri.query())?;
    let page = list_sessions(&server.console.engine, &employee.into(), current, page).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(respond(&uri, SessionList { sessions: page.rows, next: next.clone() }, next.as_deref()))
}

/// `DELETE /sessions/{id}`
pub(crate) async fn end(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    end_session_by_id(&engine, &employee.into(), parse_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
