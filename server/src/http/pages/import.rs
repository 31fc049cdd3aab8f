use axum::{
    extract::{Path, Request, rejection::PathRejection},
    response::Response,
};
use domain::{ErrorCode, Problem, idempotency_key::IdempotencyKey, paths};
use engine::import::{ImportUpload, accept_import, import_after_dry_run};
use uuid::Uuid;

use super::{PageRequest, page_request::see_other};
use crate::{
    console::FormResult,
    http::{api::missing_archive, error::ApiError, upload::Upload},
};

/// Stores an upload and redirects to its dry run. A refused upload shows the form again. If the session has ended,
/// redirects to the sign-in page.
pub(crate) async fn upload(page: PageRequest, request: Request) -> Response {
    match accept(&page, request).await {
        Ok(Some(id)) => see_other(&paths::import(id), None),
        Ok(None) => page.show().await,
        Err(problem) => {
            let form_result = FormResult::Import { problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

/// Returns the ID of the dry run. `None` for a visitor.
async fn accept(page: &PageRequest, request: Request) -> Result<Option<Uuid>, Problem> {
    let Some(employee) = page.employee() else { return Ok(None) };
    employee.require_provisioning().map_err(|error| error.report())?;
    let upload = Upload::read(request, &["archive", "owners"], &["idempotencyKey", "encryptSecrets"]).await;
    let mut upload = upload.map_err(|error| *error.problem)?;
    let key = IdempotencyKey::parse(&upload.text("idempotencyKey")).map_err(ErrorCode::from)?;
    let archive = upload.file("archive").ok_or_else(|| *missing_archive().problem)?;
    let console = &page.server.console;
    let new = ImportUpload {
        file_name: archive.name,
        archive: archive.content.into(),
        owners: upload.file("owners").map(|owners| owners.content.into()),
        dry_run: true,
        encrypt_secrets: upload.text("encryptSecrets") == "true",
        origin: console.origin.to_string(),
    };
    let (accepted, _) =
        accept_import(&console.engine, &employee, &key, new).await.map_err(|error| error.report())?;
    Ok(Some(accepted.id))
}

/// Imports the archive of a dry run, and redirects to the import. Pressing the button twice starts one import.
///
/// # Errors
/// The errors of [`import_after_dry_run`].
pub(crate) async fn start(
    page: PageRequest,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::not_found())?;
    let Some(employee) = page.employee() else { return Ok(page.show().await) };
    let console = &page.server.console;
    let accepted = import_after_dry_run(&console.engine, &employee, id, &console.origin).await?;
    Ok(see_other(&paths::import(accepted.id), None))
}
