//! The invitations of a tenant. The path contains the tenant's ID, code or slug.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    email::Email,
    invitation::{Invitation, ResentInvitation},
    member::{MemberRole, NewMember, TenantMember},
    openapi::Name,
};
use engine::{
    Engine,
    access::idn_to_ascii,
    tenants::{
        InvitedMember, TenantCaller, invite_member, list_invitations, resend_invitation, revoke_invitation,
    },
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    examples,
    idempotency::created,
    json_body::JsonBody,
    json_fields::JsonFields,
    list::{ListRequest, PageParameters},
    parameters::{IdPath, IdempotencyKeyHeader, TenantPath},
};
use crate::http::{
    authentication::{SignedIn, SignedInAdmin},
    error::ApiError,
    state::ServerState,
};

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

/// The body that invites a person.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body, which `parse_new_member` reads")]
struct NewMemberBody {
    /// Not used for an account that exists.
    #[schema(value_type = Name)]
    name: String,
    email: Email,
    role: MemberRole,
}

/// An invited person. Only the first response with an idempotency key contains the link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreatedInvitation {
    member: TenantMember,
    /// The single-use link; null in the response to a repeated call.
    invitation_url: Option<String>,
}

/// Invite a person to a tenant
///
/// The person gets the link by mail, joins the tenant with it, and chooses the password. The account of the address is
/// created unless it exists. Members and invited people count towards the quota of users.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/invitations",
    operation_id = "inviteMember",
    tag = "Invitations",
    params(TenantPath, IdempotencyKeyHeader),
    request_body(
        content = NewMemberBody,
        example = json!({ "name": "Max Stone", "email": "max@goldenspoon.example", "role": "member" }),
    ),
    responses((
        status = 201,
        description = "The invited person. Only the first response contains the link.",
        body = CreatedInvitation,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!({ "member": examples::member(), "invitationUrl": examples::invitation_url() }),
    )),
)]
pub(crate) async fn create(
    State(server): State<ServerState>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let new = parse_new_member(body)?;
    let (console, by) = (&server.console, TenantCaller::actor(employee, &tenant));
    let invited = invite_member(&console.engine, &by, &new, Some(&key), &console.origin).await?;
    let InvitedMember { member, invitation_url, is_replayed } = invited;
    Ok(created(CreatedInvitation { member, invitation_url }, is_replayed))
}

fn parse_new_member(body: Value) -> Result<NewMember, ApiError> {
    let mut fields = JsonFields::new(body, &["name", "email", "role"]);
    let [name, email, role] = ["name", "email", "role"].map(|field| fields.text(field).unwrap_or_default());
    let new =
        NewMember::parse(&name, &email, &role, idn_to_ascii).map_err(|problems| fields.refuse(problems));
    fields.finish(new.ok())
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
