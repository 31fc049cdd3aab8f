//! The registry as a file.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::registry::{TenantFilter, TenantSummary};
use engine::{Engine, page::Limit, tenants::list_tenants};

use super::{
    examples,
    export_file::{ExportPage, ExportRow, Format, respond},
    registry_query::RegistryQuery,
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
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let RegistryQuery { filter, format, .. } = RegistryQuery::parse(query.as_deref(), true)?;
    let load = move |after: Option<String>| {
        let (engine, mut filter) = (engine.clone(), filter.clone());
        filter.after = after.unwrap_or(filter.after);
        async move {
            let page = list_tenants(&engine, &filter, Limit::MAX).await?;
            Ok(ExportPage { rows: page.tenants, next: page.next })
        }
    };
    respond(format, load).await
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
