//! The audit log as a list and as a file.

use axum::{extract::State, response::Response};
use domain::{
    FieldProblem,
    audit::{AuditFilter, AuditRecord},
};
use engine::{
    Engine, Error,
    audit::{audit_filter_problems, list_audit_entries},
    page::{Limit, Page},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    examples,
    export_file::{ExportRow, Format},
    filtered_list::{CheckedFilter, ExportRequest, FilteredList, FilteredListRequest},
};
use crate::http::{authentication::SignedInAdmin, error::ApiError};

/// One page of the audit log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditList {
    entries: Vec<AuditRecord>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// List audit entries
///
/// For admins only, because entries contain addresses of people. The search finds the entries about the tenants
/// and people that it names, and the changes that these people made.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "listAuditEntries",
    tag = "Audit log",
    params(
        AuditFilter,
        (
            "limit" = Option<u8>, Query, minimum = 1, maximum = 200, example = 20,
            description = "The maximum number of entries in the page, by default 50.",
        ),
    ),
    responses((
        status = 200,
        description = "One page of the audit log.",
        body = AuditList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "entries": [examples::audit_entry()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    _: SignedInAdmin,
    request: FilteredListRequest<AuditFilter>,
) -> Result<Response, ApiError> {
    request.respond(&engine, |entries, next| AuditList { entries, next }).await
}

/// Export audit entries
///
/// Returns all entries that match the filters, newest first. A CSV export is UTF-8 with a byte-order mark.
#[utoipa::path(
    get,
    path = "/audit/export",
    operation_id = "exportAuditEntries",
    tag = "Audit log",
    params(
        AuditFilter,
        ("format" = inline(Format), Query, description = "The format of the file.", example = "json"),
    ),
    responses((
        status = 200,
        description = "The file.",
        content(
            ([AuditRecord] = "application/json", example = json!([examples::audit_entry()])),
            (String = "text/csv; charset=utf-8", example = "id,at,actor,actor id,client address,action,…"),
        ),
        headers(("Content-Disposition" = String, description = "The name of the file.")),
    )),
)]
pub(crate) async fn download(
    State(engine): State<Engine>,
    _: SignedInAdmin,
    request: ExportRequest<AuditFilter>,
) -> Result<Response, ApiError> {
    request.respond(engine).await
}

impl CheckedFilter for AuditFilter {
    fn problems(&self) -> Vec<FieldProblem> {
        audit_filter_problems(self)
    }
}

impl FilteredList for AuditFilter {
    type Row = AuditRecord;

    async fn load(&self, engine: &Engine, limit: Limit) -> Result<Page<AuditRecord, String>, Error> {
        list_audit_entries(engine, self, limit).await
    }
}

impl ExportRow for AuditRecord {
    const FILE: &'static str = "audit";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "at",
        "actor",
        "actor id",
        "client address",
        "action",
        "subject kind",
        "subject id",
        "subject",
        "code",
        "request id",
        "before",
        "after",
        "position",
        "chain hash",
    ];

    fn cells(&self) -> Vec<String> {
        fn text<T: ToString>(value: Option<&T>) -> String {
            value.map(ToString::to_string).unwrap_or_default()
        }
        vec![
            self.id.to_string(),
            self.at.to_string(),
            self.actor_name.clone(),
            text(self.actor_id.as_ref()),
            text(self.client_address.as_ref()),
            self.action.clone(),
            self.subject.kind.clone(),
            text(self.subject.id.as_ref()),
            text(self.subject.name.as_ref()),
            text(self.subject.code.as_ref()),
            text(self.request_id.as_ref()),
            text(self.before.as_ref()),
            text(self.after.as_ref()),
            text(self.position.as_ref()),
            text(self.chain_hash.as_ref()),
        ]
    }
}
