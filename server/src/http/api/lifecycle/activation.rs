use axum::{extract::State, response::Response};
use domain::{TenantStatus, lifecycle::ChangedTenant};
use engine::{Engine, tenants::activate_tenant};

use super::respond;
use crate::http::{
    api::{examples, parameters::TenantPath},
    authentication::SignedIn,
    error::ApiError,
};

/// Activate a tenant
///
/// For a complete tenant with an owner that is pending activation or whose setup is incomplete. Steps that
/// waited begin, and the last one activates the tenant; without such steps, it is active at once. A tenant
/// without an owner is refused: name its owner instead.
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
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
) -> Result<Response, ApiError> {
    Ok(respond(activate_tenant(&engine, &employee.into(), &tenant).await?))
}
