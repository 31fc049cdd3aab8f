use axum::{
    extract::{Request, State},
    response::Response,
};
use domain::{TenantStatus, lifecycle::ChangedTenant, openapi::ConfirmedSlug};
use engine::{
    Engine,
    tenants::{delete_tenant, restore_tenant},
};
use serde_json::Value;
use utoipa::ToSchema;

use super::respond;
use crate::http::{
    api::{
        examples, json_body,
        json_fields::JsonFields,
        parameters::TenantPath,
        query_parameters::{QueryParameters, refuse_if_invalid},
    },
    authentication::{SignedIn, SignedInAdmin},
    error::ApiError,
};

/// The body that confirms the deletion of a tenant.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct DeletionBody {
    #[schema(value_type = ConfirmedSlug)]
    slug: String,
}

/// Delete a tenant
///
/// The slug of the tenant confirms the deletion, in the body or in the query string. The tenant can be
/// restored for 30 days, in which its slug stays taken. Then it is purged. A job applies the deletion to the
/// external systems: `lifecycleJob` of the tenant.
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}",
    operation_id = "deleteTenant",
    tag = "Tenants",
    params(TenantPath, ("slug" = Option<String>, Query, description = "The slug of the tenant, if the call has no body.")),
    request_body(content = Option<DeletionBody>, example = json!({ "slug": "golden-spoon" })),
    responses((
        status = 200,
        description = "The deleted tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Deleted)),
    )),
)]
pub(crate) async fn delete(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    request: Request,
) -> Result<Response, ApiError> {
    let mut query = QueryParameters::read(request.uri().query(), &["slug"]);
    let slug = query.take("slug");
    refuse_if_invalid(query.problems)?;
    let slug = match json_body::read_optional(request).await? {
        Some(body) => parse_slug(body)?,
        None => slug,
    };
    Ok(respond(delete_tenant(&engine, &employee.into(), &tenant, &slug).await?))
}

/// Restore a deleted tenant
///
/// The tenant gets the status that it had before. A job applies the change to the external systems:
/// `lifecycleJob` of the tenant.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/restore",
    operation_id = "restoreTenant",
    tag = "Tenants",
    params(TenantPath),
    responses((
        status = 200,
        description = "The restored tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Active)),
    )),
)]
pub(crate) async fn restore(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
) -> Result<Response, ApiError> {
    Ok(respond(restore_tenant(&engine, &employee.into(), &tenant).await?))
}

fn parse_slug(body: Value) -> Result<String, ApiError> {
    let mut fields = JsonFields::new(body, &["slug"]);
    let slug = fields.text("slug").unwrap_or_default();
    fields.finish(Some(slug))
}
