use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    TenantStatus,
    lifecycle::{ChangedTenant, parse_suspension_reason},
    openapi::SuspensionReason,
};
use engine::tenants::{activate_tenant, decline_tenant};
use utoipa::ToSchema;

use super::respond;
use crate::http::{
    api::{examples, json_body::JsonBody, json_fields::JsonFields, parameters::TenantPath},
    authentication::{SignedIn, SignedInAdmin},
    error::ApiError,
    state::ServerState,
};

/// Activate a tenant
///
/// For a complete tenant with an owner that is pending activation or whose setup is incomplete. Approves the
/// tenant of a sign-up. Steps that waited begin, and the last one activates the tenant; without such steps,
/// it is active at once. A tenant without an owner is refused: name its owner instead.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/activate",
    operation_id = "activateTenant",
    tag = "Tenants",
    params(TenantPath),
    responses((
        status = 200,
        description = "The activated tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Active)),
    )),
)]
pub(crate) async fn activate(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
) -> Result<Response, ApiError> {
    let console = &server.console;
    Ok(respond(activate_tenant(&console.engine, &employee.into(), &tenant, &console.origin).await?))
}

/// The body that declines a sign-up.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct RefusalBody {
    #[schema(value_type = SuspensionReason)]
    reason: String,
}

/// Decline the tenant of a sign-up
///
/// For a tenant that waits for approval (`awaitsApproval`). Deletes the tenant, and the account of its owner
/// if nothing else uses the account, and sends the person a mail without the reason.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/decline",
    operation_id = "declineTenant",
    tag = "Tenants",
    params(TenantPath),
    request_body(content = RefusalBody, example = json!({ "reason": "The company does not exist." })),
    responses((status = 204, description = "The tenant is deleted.")),
)]
pub(crate) async fn decline(
    State(server): State<ServerState>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, ApiError> {
    let mut fields = JsonFields::new(body, &["reason"]);
    let reason = fields.text("reason").unwrap_or_default();
    let reason = fields.check(parse_suspension_reason(&reason));
    let reason = fields.finish(reason)?;
    let console = &server.console;
    decline_tenant(&console.engine, &employee.into(), &tenant, &reason, &console.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
