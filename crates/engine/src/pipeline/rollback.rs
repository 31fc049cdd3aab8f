use domain::ErrorCode;
use jobs::RollbackTrigger;
use uuid::Uuid;

use super::dead_step::find_job;
use crate::{Engine, Error, access::Employee};

/// Rolls the job of a request back: removes each external effect in reverse order, then the tenant, and
/// the owner if this request created it. Safe to repeat after an interruption; the periodic maintenance
/// repeats it too.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` while a worker or another rollback holds the
/// job, or if the tenant is active; `CONNECTOR_FAILED` or `CONNECTOR_TIMEOUT` if an effect could not be
/// removed. The tenant then stays.
pub async fn rollback(engine: &Engine, by: &Employee, request_id: Uuid, reason: &str) -> Result<(), Error> {
    by.require_provisioning()?;
    let job = find_job(engine, request_id).await?.ok_or(ErrorCode::ResourceNotFound)?;
    let trigger = RollbackTrigger::Employee { employee_id: by.id, reason };
    Ok(jobs::rollback(engine.queue(), engine.steps(), job.id, trigger).await?)
}

/// Runs [`rollback`] in a separate task, so that a client that disconnects does not interrupt it.
///
/// # Errors
/// As [`rollback`].
pub async fn rollback_detached(
    engine: &Engine,
    by: Employee,
    request_id: Uuid,
    reason: String,
) -> Result<(), Error> {
    let engine = engine.clone();
    let work = async move { rollback(&engine, &by, request_id, &reason).await };
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(panic) => Err(Error::UnexpectedResponse(panic.to_string())),
    }
}
