use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};
use domain::{TenantStatus, lifecycle::ChangedTenant};
use engine::{Engine, tenants::activate_tenant};

use super::{entity_tag::versioned, examples, parameters::TenantPath};
use crate::http::{authentication::SignedIn, error::ApiError};

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
    tenant: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(tenant) = tenant.map_err(|_| ApiError::not_found())?;
    let changed = activate_tenant(&engine, &employee.into(), &tenant).await?;
    let version = changed.version;
    Ok(versioned(changed, version))
}
