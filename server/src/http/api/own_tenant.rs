//! The tenant, for its own programs.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::tenant::TenantOverview;
use engine::{Engine, tenants::find_tenant_overview};

use super::{entity_tag::tagged, examples};
use crate::http::{authentication::TenantProgram, error::ApiError};

/// Read the tenant
#[utoipa::path(
    get,
    path = "/tenant",
    operation_id = "readOwnTenant",
    tag = "Tenant API",
    security(("key" = [])),
    responses((
        status = 200,
        description = "The tenant whose secret key was sent.",
        body = TenantOverview,
        headers(("ETag" = String, description = "The version.")),
        example = json!(examples::own_tenant()),
    )),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
) -> Result<Response, ApiError> {
    Ok(tagged(StatusCode::OK, find_tenant_overview(&engine, &caller).await?))
}
