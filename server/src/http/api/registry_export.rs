//! The registry as a file.

use axum::{extract::State, response::Response};
use domain::registry::{TenantFilter, TenantSummary};
use engine::Engine;

use super::{
    examples,
    export_file::{ExportRow, Format},
    filtered_list::ExportRequest,
};
use crate::http::{authentication::SignedInAdmin, error::ApiError};

/// Export tenants
///
/// Returns all tenants that match the filters. For admins only, because an export contains the addresses of
/// all owners. A CSV export is UTF-8 with a byte-order mark.
#[utoipa::path(
    get,
    path = "/tenants/export",
    operation_id = "exportTenants",
    tag = "Tenants",
    params(
        TenantFilter,
        ("format" = inline(Format), Query, description = "The format of the file.", example = "json"),
    ),
    responses((
        status = 200,
        description = "The file.",
        content(
            ([TenantSummary] = "application/json", example = json!([examples::tenant_summary()])),
            (String = "text/csv; charset=utf-8", example = "id,code,slug,name,status,plan,…"),
        ),
        headers(("Content-Disposition" = String, description = "The name of the file.")),
    )),
)]
pub(crate) async fn download(
    State(engine): State<Engine>,
    _: SignedInAdmin,
    request: ExportRequest<TenantFilter>,
) -> Result<Response, ApiError> {
    request.respond(engine).await
}

impl ExportRow for TenantSummary {
    const FILE: &'static str = "tenants";
    const COLUMNS: &'static [&'static str] =
        &["id", "code", "slug", "name", "status", "plan", "owner name", "owner e-mail", "created at"];

    fn cells(&self) -> Vec<String> {
        let (name, email) = match &self.owner {
            Some(owner) => (owner.name.clone(), owner.email.clone()),
            None => Default::default(),
        };
        vec![
            self.id.to_string(),
            self.code.clone(),
            self.slug.clone(),
            self.name.clone(),
            self.status.to_string(),
            self.plan.to_string(),
            name,
            email,
            self.created_at.to_string(),
        ]
    }
}
