use domain::{
    Problem,
    import::{ImportDetail, ImportFilter, ImportSummary},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Failure, codec::Json};

/// The page that uploads an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedImports {
    /// The latest imports, newest first.
    pub imports: Vec<ImportSummary>,
    /// The idempotency key of the next upload.
    pub key: String,
    /// Why the upload that was posted was refused.
    pub problem: Option<Problem>,
}

/// The latest imports.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "open_imports", input = Json, output = Json)]
pub async fn open_imports() -> Result<OpenedImports, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let employee = signed_in_admin()?;
    let page = engine::page::PageRequest::default();
    let imports = engine::import::list_imports(&console()?.engine, &employee, page).await;
    let imports = imports.map_err(respond_with_error)?.rows;
    let problem = match use_context() {
        Some(crate::FormResult::Import { problem }) => Some(problem),
        _ => None,
    };
    Ok(OpenedImports { imports, key: uuid::Uuid::new_v4().to_string(), problem })
}

/// One page of the report of an import.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `RESOURCE_NOT_FOUND`, `VALIDATION_ERROR` for an invalid filter, or an error of the
/// database.
#[server(prefix = "/api/fn", endpoint = "open_import", input = Json, output = Json)]
pub async fn open_import(id: String, filter: ImportFilter) -> Result<ImportDetail, Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_problem, signed_in_admin};
    use domain::ErrorCode;
    let employee = signed_in_admin()?;
    let id = id.parse().map_err(|_| respond_with_problem(ErrorCode::ResourceNotFound.into()))?;
    let limit = engine::page::Limit::default();
    engine::import::find_import(&console()?.engine, &employee, id, &filter, limit)
        .await
        .map_err(respond_with_error)
}

/// Does the same as [`open_import`] for polling, without extending the session.
///
/// # Errors
/// Same as [`open_import`].
#[server(prefix = "/api/fn", endpoint = "refresh_import", input = Json, output = Json)]
pub async fn refresh_import(id: String, filter: ImportFilter) -> Result<ImportDetail, Failure> {
    open_import(id, filter).await
}
