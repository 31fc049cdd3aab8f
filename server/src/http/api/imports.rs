//! Imports of `client.yaml` files from an archive, which a process works on after the response.

use axum::{
    Json,
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    FieldProblem,
    import::{AcceptedImport, ImportDetail, ImportFilter, ImportRow, ImportSummary},
    list_filter::ListFilter,
    paths,
};
use engine::{
    Engine,
    import::{
        ImportUpload, accept_import, find_import, import_filter_problems, list_import_rows, list_imports,
    },
    page::Limit,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    examples,
    export_file::{self, ExportRow, Format},
    filtered_list::{CheckedFilter, parse},
    idempotency::{idempotency_key, replayed},
    list::{ListRequest, PageParameters},
    parameters::{IdPath, IdempotencyKeyHeader},
    query_parameters::{QueryParameters, refuse_if_invalid},
};
use crate::http::{authentication::SignedInAdmin, error::ApiError, state::ServerState, upload::Upload};

/// One page of the imports, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportList {
    imports: Vec<ImportSummary>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// The archive: a zip, or a tar compressed with gzip, of folders with a `client.yaml`.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "`Upload` reads the body")]
struct ArchiveBody(Vec<u8>);

/// The archive and the owners file as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "`Upload` reads the body")]
struct ImportForm {
    /// The archive: a zip, or a tar compressed with gzip.
    #[schema(value_type = String, format = Binary)]
    archive: Vec<u8>,
    /// A CSV file with the columns `tenant_id`, `email`, `name` and `role`. Without it, the file `owners.csv` of the
    /// archive is used, if there is one.
    #[schema(value_type = Option<String>, format = Binary)]
    owners: Option<Vec<u8>>,
}

/// Describes the query string of an upload.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`Options` reads the query string")]
pub(crate) struct ImportParameters {
    /// Whether nothing is changed. The report says what would happen.
    #[param(rename = "dryRun", default = false, example = true)]
    dry_run: Option<bool>,
    /// Whether literal secrets are stored encrypted. Otherwise a file with such a secret is refused.
    #[param(rename = "encryptSecrets", default = false)]
    encrypt_secrets: Option<bool>,
    /// The name of the archive in the report.
    #[param(rename = "fileName", max_length = 200, example = "clients.zip")]
    file_name: Option<String>,
}

/// The options of an upload.
struct Options {
    dry_run: bool,
    encrypt_secrets: bool,
    file_name: String,
}

impl Options {
    fn parse(query: Option<&str>) -> Result<Self, ApiError> {
        let mut parameters = QueryParameters::read(query, &["dryRun", "encryptSecrets", "fileName"]);
        let mut problems = std::mem::take(&mut parameters.problems);
        let mut flag = |name: &str| match parameters.take(name).as_str() {
            "" | "false" => false,
            "true" => true,
            _ => {
                problems.push(FieldProblem::new(
                    name,
                    "invalid",
                    "The value is not valid. Send true or false.",
                ));
                false
            }
        };
        let (dry_run, encrypt_secrets) = (flag("dryRun"), flag("encryptSecrets"));
        refuse_if_invalid(problems)?;
        Ok(Self { dry_run, encrypt_secrets, file_name: parameters.take("fileName") })
    }
}

/// List imports
#[utoipa::path(
    get,
    path = "/imports",
    operation_id = "listImports",
    tag = "Imports",
    params(PageParameters),
    responses((
        status = 200,
        description = "One page of the imports.",
        body = ImportList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "imports": [examples::import_summary()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    list: ListRequest,
) -> Result<Response, ApiError> {
    let page = list_imports(&engine, &employee, list.page).await?;
    Ok(list.respond(page, |imports, next| ImportList { imports, next }))
}

/// Import tenants
///
/// Creates a tenant for each folder with a `client.yaml` that has none yet. The name of the folder becomes the
/// external ID. Tenants that exist are not changed: the report lists the differences. A tenant without an owner is
/// `setup_incomplete` until a later import names one. The import continues after the response, also after a restart of
/// the server. A repeated call with the same key and upload imports nothing, and returns the same response.
#[utoipa::path(
    post,
    path = "/imports",
    operation_id = "createImport",
    tag = "Imports",
    params(IdempotencyKeyHeader, ImportParameters),
    request_body(content(
        (ArchiveBody = "application/zip", example = json!("the bytes of a zip archive")),
        (ArchiveBody = "application/gzip", example = json!("the bytes of a tar.gz archive")),
        (ImportForm = "multipart/form-data", example = json!({ "archive": "the bytes of an archive", "owners": "CSV" })),
    )),
    responses((
        status = 202,
        description = "The archive was checked, and its import begins.",
        body = AcceptedImport,
        headers(
            ("Location" = String, description = "The path of the import."),
            ("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated."),
        ),
        example = json!(examples::accepted_import()),
    )),
)]
pub(crate) async fn upload(
    State(server): State<ServerState>,
    SignedInAdmin(employee): SignedInAdmin,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let options = Options::parse(uri.query());
    let mut upload = Upload::read(request, &["archive", "owners"], &[]).await?;
    let key = idempotency_key(&headers)?;
    let Options { dry_run, encrypt_secrets, file_name } = options?;
    let archive = upload.file("archive").ok_or_else(missing_archive)?;
    let new = ImportUpload {
        file_name: if file_name.is_empty() { archive.name } else { file_name },
        archive: archive.content.into(),
        owners: upload.file("owners").map(|owners| owners.content.into()),
        dry_run,
        encrypt_secrets,
        origin: server.console.origin.to_string(),
    };
    let (accepted, is_replay) = accept_import(&server.console.engine, &employee, &key, new).await?;
    let location = [(header::LOCATION, paths::api_import(accepted.id))];
    Ok((StatusCode::ACCEPTED, location, replayed(is_replay), Json(accepted)).into_response())
}

/// Get an import
///
/// The progress, and one page of the report: refused files first, then differences, then the rest.
#[utoipa::path(
    get,
    path = "/imports/{id}",
    operation_id = "getImport",
    tag = "Imports",
    params(
        ("id" = Uuid, Path, description = "The ID of the import."),
        ImportFilter,
        (
            "limit" = Option<u8>, Query, minimum = 1, maximum = 200, example = 20,
            description = "The maximum number of files in the page. The default is 50.",
        ),
    ),
    responses((
        status = 200,
        description = "The import.",
        body = ImportDetail,
        example = json!(examples::import_detail()),
    )),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    IdPath(id): IdPath,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<ImportDetail>, ApiError> {
    let (filter, limit) = parse::<ImportFilter, _>(uri.query(), "limit", Limit::parse)?;
    Ok(Json(find_import(&engine, &employee, id, &filter, limit).await?))
}

/// Export the report of an import
///
/// Returns the files that match the filters, with their problems: refused files first, then differences, then the
/// rest. A CSV export is UTF-8 with a byte-order mark.
#[utoipa::path(
    get,
    path = "/imports/{id}/report",
    operation_id = "exportImportReport",
    tag = "Imports",
    params(
        ("id" = Uuid, Path, description = "The ID of the import."),
        ImportFilter,
        ("format" = inline(Format), Query, description = "The format of the file.", example = "json"),
    ),
    responses((
        status = 200,
        description = "The file.",
        content(
            ([ImportRow] = "application/json", example = json!(examples::import_detail().rows)),
            (String = "text/csv; charset=utf-8", example = "file,tenant,action,code,slug,owner,problems,differences"),
        ),
        headers(("Content-Disposition" = String, description = "The name of the file.")),
    )),
)]
pub(crate) async fn report(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    IdPath(id): IdPath,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let (filter, format) = parse::<ImportFilter, _>(uri.query(), "format", Format::parse)?;
    // An unknown import has no rows, and its export would be empty.
    find_import(&engine, &employee, id, &filter, Limit::default()).await?;
    let load = move |after: Option<String>| {
        let (engine, employee) = (engine.clone(), employee.clone());
        let filter = after.map_or_else(|| filter.clone(), |after| filter.at(after));
        async move { list_import_rows(&engine, &employee, id, &filter, Limit::MAX).await }
    };
    export_file::respond(format, load).await
}

impl CheckedFilter for ImportFilter {
    fn problems(&self) -> Vec<FieldProblem> {
        import_filter_problems(self)
    }
}

impl ExportRow for ImportRow {
    const FILE: &'static str = "import-report";
    const COLUMNS: &'static [&'static str] =
        &["file", "tenant", "action", "code", "slug", "owner", "problems", "differences"];

    fn cells(&self) -> Vec<String> {
        let problems = self.problems.iter().map(|problem| {
            let place = problem.place();
            let separator = if problem.field.is_empty() { "" } else { " " };
            format!("{place}{separator}{}: {}", problem.field, problem.message)
        });
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let differences = self.differences.iter().map(|difference| {
            let (in_file, in_tenant) = (value(&difference.in_file), value(&difference.in_tenant));
            format!("{}: {in_file} in the file, {in_tenant} in the tenant", difference.field)
        });
        vec![
            self.file.clone(),
            self.name.clone(),
            self.action.to_string(),
            self.code.clone().unwrap_or_default(),
            self.slug.clone().unwrap_or_default(),
            if self.has_owner { "yes" } else { "no" }.to_owned(),
            problems.collect::<Vec<_>>().join("\n"),
            differences.collect::<Vec<_>>().join("\n"),
        ]
    }
}

/// The refusal of an upload without an archive.
pub(crate) fn missing_archive() -> ApiError {
    ApiError::from_field(FieldProblem::new("archive", "required", "Choose a zip or tar.gz archive."))
}
