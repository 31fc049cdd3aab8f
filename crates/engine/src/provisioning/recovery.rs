use std::time::Duration;

use domain::ErrorCode;
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use crate::{Engine, Error};

/// Ends a request that is `processing` as failed with `code`; `message` is for admins.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` where it is not `processing`.
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

/// Removes the tenant of a request, and the owner where this request made it. A tenant that is
/// active is touched only when `even_active` says so.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` where there is nothing to roll back.
pub async fn rollback(
    engine: &Engine,
    request_id: Uuid,
    employee_id: Option<Uuid>,
    reason: &str,
    even_active: bool,
) -> Result<(), Error> {
    sqlx::query_scalar!(
        "SELECT rollback_provisioning($1, $2, $3, $4)",
        request_id,
        employee_id,
        reason,
        even_active
    )
    .fetch_one(&engine.pool())
    .await?;
    engine.announce(request_id);
    Ok(())
}

/// Ends requests that have been `processing` for longer than `older_than`; returns their ids.
/// Never touches a tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn cleanup_stuck(engine: &Engine, older_than: Duration) -> Result<Vec<Uuid>, Error> {
    let interval = PgInterval::try_from(older_than).map_err(|error| Error::Answer(error.to_string()))?;
    let ids = sqlx::query_scalar!(r#"SELECT cleanup_stuck_provisions($1) AS "id!""#, interval)
        .fetch_all(&engine.pool())
        .await?;
    Ok(ids)
}
