use axum::response::Response;
use domain::paths;
use engine::audit::request_verification;

use super::{PageRequest, page_request::see_other};
use crate::http::error::ApiError;

/// Starts a verification of the audit log, and redirects to its page, which shows the result. If the session has
/// ended, redirects to the sign-in page.
///
/// # Errors
/// The errors of [`request_verification`].
pub(crate) async fn verify(page: PageRequest) -> Result<Response, ApiError> {
    let Some(employee) = page.employee() else { return Ok(page.show().await) };
    request_verification(&page.server.console.engine, &employee).await?;
    Ok(see_other(paths::AUDIT, None))
}
