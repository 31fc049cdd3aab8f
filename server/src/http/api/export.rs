//! The history as a file.

use axum::{extract::State, response::Response};
use domain::history::{HistoryFilter, RequestSummary};
use engine::Engine;

use super::{
    examples,
    export_file::{ExportRow, Format},
    filtered_list::ExportRequest,
};
use crate::http::{authentication::SignedInAdmin, error::ApiError};

/// Export provisioning requests
///
/// Returns all requests that match the filters, newest first. For admins only, because an export contains the
/// addresses of all owners. A CSV export is UTF-8 with a byte-order mark.
#[utoipa::path(
    get,
    path = "/provisioning-requests/export",
    operation_id = "exportRequests",
    tag = "Requests",
    params(
        HistoryFilter,
        ("format" = inline(Format), Query, description = "The format of the file.", example = "json"),
    ),
    responses((
        status = 200,
        description = "The file.",
        content(
            ([RequestSummary] = "application/json", example = json!([examples::request()])),
            (String = "text/csv; charset=utf-8", example = "id,status,code,tenant,slug,name,…"),
        ),
        headers(("Content-Disposition" = String, description = "The name of the file.")),
    )),
)]
pub(crate) async fn download(
    State(engine): State<Engine>,
    _: SignedInAdmin,
    request: ExportRequest<HistoryFilter>,
) -> Result<Response, ApiError> {
    request.respond(engine).await
}

impl ExportRow for RequestSummary {
    const FILE: &'static str = "provisioning";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "status",
        "code",
        "tenant",
        "slug",
        "name",
        "owner e-mail",
        "by",
        "created at",
        "elapsed ms",
        "attempts",
        "redacted at",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.status.to_string(),
            self.code.map(|code| code.to_string()).unwrap_or_default(),
            self.tenant_code.clone().unwrap_or_default(),
            self.slug.clone(),
            self.name.clone(),
            self.owner_email.clone(),
            self.requested_by.clone(),
            self.created_at.to_string(),
            self.elapsed_ms.map(|ms| format!("{ms:.3}")).unwrap_or_default(),
            self.attempts.to_string(),
            self.redacted_at.map(|at| at.to_string()).unwrap_or_default(),
        ]
    }
}
