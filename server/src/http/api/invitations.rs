//! The invitations of a tenant. The path contains the tenant's ID, code or slug.

use axum::{
    Json,
    extract::{OriginalUri, Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use domain::invitation::{Invitation, ResentInvitation};
use engine::{
    Engine,
    tenants::{list_invitations, resend_invitation, revoke_invitation},
};
use serde::Serialize;

use super::{
    keys::parse_path,
    list::{parse_page, respond},
};
use crate::http::{authentication::SignedIn, error::ApiError, state::ServerState};

#[derive(Debug, Serialize)]
struct InvitationList {
    invitations: Vec<Invitation>,
    next: Option<String>,
}

/// `GET /tenants/{tenant}/invitations`
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Result<Path<String>, PathRejection>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let Path(tenant) = tenant.map_err(|_| ApiError::not_found())?;
    let page = list_invitations(&engine, &employee.into(), &tenant, parse_page(uri.query())?).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(respond(&uri, InvitationList { invitations: page.rows, next: next.clone() }, next.as_deref()))
}

/// `POST /tenants/{tenant}/invitations/{id}/resend`: the invitation with its new link.
pub(crate) async fn resend(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<ResentInvitation>, ApiError> {
    let (tenant, id) = parse_path(path)?;
    let console = &server.console;
    let by = &employee.into();
    Ok(Json(resend_invitation(&console.engine, by, &tenant, Some(id), &console.origin).await?))
}

/// `DELETE /tenants/{tenant}/invitations/{id}`
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let (tenant, id) = parse_path(path)?;
    revoke_invitation(&engine, &employee.into(), &tenant, Some(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
