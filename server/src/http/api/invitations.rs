//! The invitations of a tenant. The path contains the tenant's ID, code or slug.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::invitation::{Invitation, ResentInvitation};
use engine::{
    Engine,
    tenants::{TenantCaller, list_invitations, resend_invitation, revoke_invitation},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    examples,
    list::{ListRequest, PageParameters},
    parameters::{IdPath, TenantPath},
};
use crate::http::{authentication::SignedIn, error::ApiError, state::ServerState};

/// One page of the invitations, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct InvitationList {
    invitations: Vec<Invitation>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// List the invitations of a tenant
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/invitations",
    operation_id = "listInvitations",
    tag = "Invitations",
    params(TenantPath, PageParameters),
    responses((
        status = 200,
        description = "One page of the invitations.",
        body = InvitationList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "invitations": [examples::invitation()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
    list: ListRequest,
) -> Result<Response, ApiError> {
    let page = list_invitations(&engine, &employee.into(), &tenant, list.page).await?;
    Ok(list.respond(page, |invitations, next| InvitationList { invitations, next }))
}

/// Send an invitation again
///
/// Creates a new link, which works once within 7 days, and ends the former link.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/invitations/{id}/resend",
    operation_id = "resendInvitation",
    tag = "Invitations",
    params(TenantPath, ("id" = Uuid, Path, description = "The ID of the invitation.")),
    responses((
        status = 200,
        description = "The invitation with its new link.",
        body = ResentInvitation,
        example = json!(examples::resent_invitation()),
    )),
)]
pub(crate) async fn resend(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
    IdPath(id): IdPath,
) -> Result<Json<ResentInvitation>, ApiError> {
    let console = &server.console;
    let by = TenantCaller::actor(employee, &tenant);
    Ok(Json(resend_invitation(&console.engine, &by, Some(id), &console.origin).await?))
}

/// Revoke an invitation
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}/invitations/{id}",
    operation_id = "revokeInvitation",
    tag = "Invitations",
    params(TenantPath, ("id" = Uuid, Path, description = "The ID of the invitation.")),
    responses((status = 204, description = "The link no longer works.")),
)]
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    revoke_invitation(&engine, &TenantCaller::actor(employee, &tenant), Some(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
