//! The registry of tenants. The path of a tenant contains its ID, code or slug.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    FieldProblem,
    registry::{TenantFilter, TenantList, TenantRecord, TenantSummary},
};
use engine::{
    Engine, Error,
    page::{Limit, Page},
    tenants::{entity_tag, list_tenants, read_tenant, tenant_filter_problems},
};

use super::{
    examples,
    filtered_list::{CheckedFilter, FilteredList, FilteredListRequest},
    parameters::{KnownVersion, TenantPath},
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
    request: FilteredListRequest<TenantFilter>,
) -> Result<Response, ApiError> {
    request.respond(&engine, |tenants, next| TenantList { tenants, next }).await
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
    TenantPath(tenant): TenantPath,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let record = read_tenant(&engine, &tenant).await?.for_role(employee.role);
    let tag = entity_tag(&record);
    let response = match is_known(&headers, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Json(record).into_response(),
    };
    Ok(([(header::ETAG, tag)], response).into_response())
}

impl CheckedFilter for TenantFilter {
    fn problems(&self) -> Vec<FieldProblem> {
        tenant_filter_problems(self)
    }
}

impl FilteredList for TenantFilter {
    type Row = TenantSummary;

    async fn load(&self, engine: &Engine, limit: Limit) -> Result<Page<TenantSummary, String>, Error> {
        let TenantList { tenants, next } = list_tenants(engine, self, limit).await?;
        Ok(Page { rows: tenants, next })
    }
}
