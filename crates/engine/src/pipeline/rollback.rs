use domain::{ErrorCode, Problem, rollback::RollbackConfirmation};
use jobs::{JobActor, RollbackTrigger};
use uuid::Uuid;

use super::dead_step::find_job;
use crate::{
    Engine, Error,
    access::{Employee, client_address},
    detached::run_detached,
};

/// Rolls back the job of a request: removes each external effect in reverse order, then deletes the tenant,
/// and the owner's account if the request created the account. The admin confirms the rollback with the slug
/// of the tenant. Safe to repeat after an interruption. The periodic maintenance resumes an interrupted
/// rollback.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `VALIDATION_ERROR` if the entered slug is not the tenant's;
/// `INVALID_TRANSITION` while a worker or another rollback holds the job, or if the tenant is active;
/// `CONNECTOR_FAILED` or `CONNECTOR_TIMEOUT` if an effect could not be removed. In that case the tenant is
/// not deleted.
pub async fn rollback(
    engine: &Engine,
    by: &Employee,
    request_id: Uuid,
    confirmation: &RollbackConfirmation,
) -> Result<(), Error> {
    by.require_provisioning()?;
    let job = find_job(engine, request_id).await?.ok_or(ErrorCode::ResourceNotFound)?;
    // `Problem::from_fields` would return `INVALID_SLUG`, which is about the format of a slug.
    confirmation
        .check_slug(&job.slug)
        .map_err(|error| Problem { errors: vec![error], ..ErrorCode::ValidationError.into() })?;
    let client_address = client_address();
    let actor = JobActor { employee_id: by.id, client_address: client_address.as_deref() };
    let trigger = RollbackTrigger::Employee { actor, reason: confirmation.reason() };
    Ok(jobs::rollback(engine.queue(), engine.steps(), job.id, trigger).await?)
}

/// Runs [`rollback`] in its own task, so that a client that disconnects does not interrupt the rollback.
///
/// # Errors
/// The errors of [`rollback`].
pub async fn rollback_detached(
    engine: &Engine,
    by: Employee,
    request_id: Uuid,
    confirmation: RollbackConfirmation,
) -> Result<(), Error> {
    let engine = engine.clone();
    run_detached(async move { rollback(&engine, &by, request_id, &confirmation).await }).await
}
