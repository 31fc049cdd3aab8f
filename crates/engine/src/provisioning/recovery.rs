use std::time::Duration;

use domain::ErrorCode;
use uuid::Uuid;

use crate::{Engine, Error, interval::interval};

/// Marks a request that is `processing` as failed with the error code `code`. Admins see `message`.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` if the request is not `processing`.
pub async fn mark_failed(
    engine: &Engine,
    request_id: Uuid,
    code: ErrorCode,
    message: &str,
) -> Result<(), Error> {
    sqlx::query_scalar!("SELECT mark_provisioning_failed($1, $2, $3)", request_id, code.as_str(), message)
        .fetch_one(&engine.pool())
        .await?;
    engine.announce(request_id);
    Ok(())
}

/// Deletes the tenant of a request, and the owner's account if the request created the account. Refuses a
/// tenant that has left the status `provisioning`, unless `include_active` is set.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` if the request cannot be rolled back.
pub async fn rollback(
    engine: &Engine,
    request_id: Uuid,
    employee_id: Option<Uuid>,
    reason: &str,
    include_active: bool,
) -> Result<(), Error> {
    sqlx::query_scalar!(
        "SELECT rollback_provisioning($1, $2, $3, $4)",
        request_id,
        employee_id,
        reason,
        include_active
    )
    .fetch_one(&engine.pool())
    .await?;
    engine.announce(request_id);
    Ok(())
}

/// Marks requests that have been `processing` for longer than `older_than` as failed, and returns their IDs.
/// Changes no tenant.
///
/// # Errors
/// The database's error.
pub async fn cleanup_stuck(engine: &Engine, older_than: Duration) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(r#"SELECT cleanup_stuck_provisions($1) AS "id!""#, interval(older_than)?)
        .fetch_all(&engine.pool())
        .await?;
    Ok(ids)
}

/// Returns the IDs of the requests that [`cleanup_stuck`] would mark as failed.
///
/// # Errors
/// The database's error.
pub async fn find_stuck(engine: &Engine, older_than: Duration) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM provisioning_requests WHERE status = 'processing' AND created_at < now() - $1::interval",
        interval(older_than)?
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(ids)
}
