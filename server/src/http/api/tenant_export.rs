//! Everything that the registry holds of one tenant, as a file.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::Timestamp;
use engine::{Engine, tenants::export_tenant};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{examples, parameters::TenantPath};
use crate::http::{authentication::SignedIn, error::ApiError};

/// Everything that the registry holds of a tenant.
///
/// Rows have all columns of the registry, under the names that the API uses where it has them. A later
/// version can add columns and lists. The document contains neither secrets nor their hashes.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the file, which the engine writes")]
struct TenantFile {
    /// The form of the file: `tenantry.tenant/1`.
    format: String,
    /// When the file was written.
    exported_at: Timestamp,
    /// The tenant.
    #[schema(value_type = Object)]
    tenant: Value,
    /// The account of the owner. Null for a tenant without an owner.
    #[schema(value_type = Option<Object>)]
    owner: Value,
    /// The accounts of the members, with their roles.
    #[schema(value_type = Vec<Object>)]
    members: Value,
    /// The settings.
    #[schema(value_type = Object)]
    settings: Value,
    /// The branding.
    #[schema(value_type = Object)]
    branding: Value,
    /// The segments.
    #[schema(value_type = Vec<Object>)]
    segments: Value,
    /// The packages.
    #[schema(value_type = Vec<Object>)]
    packages: Value,
    /// The API keys, with their public part.
    #[schema(value_type = Vec<Object>)]
    keys: Value,
    /// The invitations.
    #[schema(value_type = Vec<Object>)]
    invitations: Value,
    /// What the steps created in external systems.
    #[schema(value_type = Vec<Object>)]
    resources: Value,
    /// The metered use.
    #[schema(value_type = Vec<Object>)]
    usage: Value,
    /// The former slugs.
    #[schema(value_type = Vec<Object>)]
    former_slugs: Value,
    /// The custom domains.
    #[schema(value_type = Vec<Object>)]
    domains: Value,
    /// The responses to repeated calls of the tenant's programs.
    #[schema(value_type = Vec<Object>)]
    calls: Value,
    /// Which secrets of the tenant are stored, without their values.
    #[schema(value_type = Vec<Object>)]
    secrets: Value,
    /// The provisioning request that created the tenant, with its attempts.
    #[schema(value_type = Object)]
    request: Value,
    /// The jobs of the tenant, with their steps and attempts.
    #[schema(value_type = Vec<Object>)]
    jobs: Value,
    /// The entries of the audit log about the tenant.
    #[schema(value_type = Vec<Object>)]
    audit: Value,
}

/// Export the data of a tenant
///
/// Returns everything that the registry holds of the tenant as one file, also of a suspended or deleted
/// tenant, until it is purged. For admins only. The audit log records the export.
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/export",
    operation_id = "exportTenant",
    tag = "Tenants",
    params(TenantPath),
    responses((
        status = 200,
        description = "The file.",
        body = TenantFile,
        headers(("Content-Disposition" = String, description = "The name of the file.")),
        example = json!(example()),
    )),
)]
pub(crate) async fn download(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
) -> Result<Response, ApiError> {
    let export = export_tenant(&engine, &employee.into(), &tenant).await?;
    let mut response = Json(export.document).into_response();
    let name = HeaderValue::try_from(format!("attachment; filename=\"{}.json\"", export.code));
    response.headers_mut().extend(name.ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    Ok(response)
}

/// An example of the file, in which most columns are left out.
fn example() -> Value {
    let record = json!(examples::tenant_record());
    let pick = |row: &Value, names: &[&str]| -> Value {
        names.iter().map(|name| ((*name).to_owned(), row[*name].clone())).collect()
    };
    let key = json!(examples::key());
    let request = json!(examples::request());
    json!({
        "format": "tenantry.tenant/1",
        "exportedAt": record["createdAt"],
        "tenant": pick(&record, &["id", "code", "slug", "name", "status", "plan", "version"]),
        "owner": pick(&record["owner"], &["id", "name", "email"]),
        "members": [pick(&record["owner"], &["id", "name", "email"])],
        "settings": record["settings"],
        "branding": record["branding"],
        "segments": [pick(&record["segments"][0], &["id", "slug", "name"])],
        "packages": [pick(&record["packages"][0], &["id", "slug", "name", "basePrice"])],
        "keys": [pick(&key, &["id", "name", "publicKey"])],
        "invitations": [],
        "resources": record["resources"],
        "usage": [],
        "formerSlugs": [],
        "domains": [],
        "calls": [],
        "secrets": [],
        "request": pick(&request, &["id", "status"]),
        "jobs": [],
        "audit": [],
    })
}
