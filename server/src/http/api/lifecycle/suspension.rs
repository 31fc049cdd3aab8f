use axum::{extract::State, response::Response};
use domain::{
    TenantStatus,
    lifecycle::{ChangedTenant, parse_suspension_reason},
    openapi::SuspensionReason,
};
use engine::{
    Engine,
    tenants::{resume_tenant, suspend_tenant},
};
use serde_json::Value;
use utoipa::ToSchema;

use super::respond;
use crate::http::{
    api::{examples, json_body::JsonBody, json_fields::JsonFields, parameters::TenantPath},
    authentication::{SignedIn, SignedInAdmin},
    error::ApiError,
};

/// The body that suspends a tenant.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct SuspensionBody {
    #[schema(value_type = SuspensionReason)]
    reason: String,
}

/// Suspend a tenant
///
/// Its invitations and the steps of its jobs stop immediately. The tenant must be active. A job applies the
/// suspension to the external systems: `lifecycleJob` of the tenant.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/suspend",
    operation_id = "suspendTenant",
    tag = "Tenants",
    params(TenantPath),
    request_body(content = SuspensionBody, example = json!({ "reason": "The invoice is unpaid." })),
    responses((
        status = 200,
        description = "The suspended tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Suspended)),
    )),
)]
pub(crate) async fn suspend(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let reason = parse_reason(body)?;
    Ok(respond(suspend_tenant(&engine, &employee.into(), &tenant, &reason).await?))
}

/// Resume a suspended tenant
///
/// Its invitations and the steps of its jobs continue. A trial that has ended is removed. A job applies the
/// change to the external systems: `lifecycleJob` of the tenant.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/resume",
    operation_id = "resumeTenant",
    tag = "Tenants",
    params(TenantPath),
    responses((
        status = 200,
        description = "The resumed tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Active)),
    )),
)]
pub(crate) async fn resume(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
) -> Result<Response, ApiError> {
    Ok(respond(resume_tenant(&engine, &employee.into(), &tenant).await?))
}

fn parse_reason(body: Value) -> Result<String, ApiError> {
    let mut fields = JsonFields::new(body, &["reason"]);
    let reason = fields.text("reason").unwrap_or_default();
    let reason = fields.check(parse_suspension_reason(&reason));
    fields.finish(reason)
}
