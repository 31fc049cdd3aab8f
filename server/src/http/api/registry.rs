//! The registry of tenants. The path of a tenant contains its ID, code or slug.

use axum::{
    Json,
    extract::{OriginalUri, Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::registry::{TenantFilter, TenantList, TenantRecord};
use engine::{
    Engine,
    tenants::{entity_tag, list_tenants, read_tenant},
};

use super::{
    examples,
    list::respond,
    parameters::{KnownVersion, TenantPath},
    registry_query::RegistryQuery,
};
use crate::http::{authentication::SignedIn, conditional::is_known, error::ApiError};

/// List tenants
///
/// Tombstones of purged tenants are not listed.
#[utoipa::path(
    get,
    path = "/tenants",
    operation_id = "listTenants",
    tag = "Tenants",
    params(
        TenantFilter,
        (
            "limit" = Option<u8>, Query, minimum = 1, maximum = 200, example = 20,
            description = "The maximum number of tenants in the page, by default 50.",
        ),
    ),
    responses((
        status = 200,
        description = "One page of the registry.",
        body = TenantList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "tenants": [examples::tenant_summary()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(_): SignedIn,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let RegistryQuery { filter, limit, .. } = RegistryQuery::parse(uri.query(), false)?;
    let page = list_tenants(&engine, &filter, limit).await?;
    let next = page.next.clone();
    Ok(respond(&uri, page, next.as_deref()))
}

/// Read a tenant
///
/// Returns the tenant with everything that belongs to it, also if the tenant is deleted. Only admins see the
/// state of the owner's invitation.
#[utoipa::path(
    get,
    path = "/tenants/{tenant}",
    operation_id = "readTenant",
    tag = "Tenants",
    params(TenantPath, KnownVersion),
    responses(
        (
            status = 200,
            description = "The tenant.",
            body = TenantRecord,
            headers(("ETag" = String, description = "The version of the tenant.")),
            example = json!(examples::tenant_record()),
        ),
        (
            status = 304,
            description = "`If-None-Match` names the current version.",
            headers(("ETag" = String, description = "The version of the tenant.")),
        ),
    ),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(tenant) = tenant.map_err(|_| ApiError::not_found())?;
    let record = read_tenant(&engine, &tenant).await?.for_role(employee.role);
    let tag = entity_tag(&record);
    let mut response = match is_known(&headers, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Json(record).into_response(),
    };
    response.headers_mut().extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
    Ok(response)
}
