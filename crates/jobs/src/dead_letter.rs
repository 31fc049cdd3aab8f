//! The actions of an admin on a dead step, except a rollback.

use domain::jobs::StepName;
use uuid::Uuid;

use crate::{Error, Queue};

/// Returns the dead step of a job, if it has one.
///
/// # Errors
/// If the database cannot be read.
pub async fn find_dead_step(queue: &Queue, job_id: Uuid) -> Result<Option<StepName>, Error> {
    let name = sqlx::query_scalar!(
        "SELECT name FROM job_steps WHERE job_id = $1 AND state = 'dead' ORDER BY position LIMIT 1",
        job_id
    )
    .fetch_optional(&queue.pool())
    .await?;
    Ok(name.map(StepName::from))
}

/// Retries the dead step of a job, with [`MAX_ATTEMPTS`](domain::jobs::MAX_ATTEMPTS) new attempts. Audited
/// for the employee `by`.
///
/// # Errors
/// `TN404` if there is no such job; `TN409` if no step is dead or a rollback has begun.
pub async fn retry(queue: &Queue, job_id: Uuid, by: Option<Uuid>) -> Result<(), Error> {
    apply(queue, job_id, by, "retry", None).await
}

/// Continues a job without its dead step. Audited for the employee `by`.
///
/// # Errors
/// `TN404` if there is no such job; `TN409` if `step` is not dead or a rollback has begun.
pub async fn skip(queue: &Queue, job_id: Uuid, by: Option<Uuid>, step: &StepName) -> Result<(), Error> {
    apply(queue, job_id, by, "skip", Some(step)).await
}

async fn apply(
    queue: &Queue,
    job_id: Uuid,
    by: Option<Uuid>,
    action: &str,
    step: Option<&StepName>,
) -> Result<(), Error> {
    sqlx::query!(
        "SELECT apply_dead_step_action($1, $2, $3, $4)",
        job_id,
        by,
        action,
        step.map(StepName::as_str)
    )
    .execute(&queue.pool())
    .await?;
    Ok(())
}
