//! The actions of an admin on a dead step, except a rollback.

use domain::jobs::StepName;
use uuid::Uuid;

use crate::{Error, Job, JobActor, Queue, Steps, job_lock, worker};

/// Returns the dead step of a job, if it has one and no rollback has begun.
///
/// # Errors
/// If the database cannot be read.
pub async fn find_dead_step(queue: &Queue, job_id: Uuid) -> Result<Option<StepName>, Error> {
    let name = sqlx::query_scalar!(
        "SELECT s.name FROM jobs j JOIN job_steps s ON s.job_id = j.id AND s.state = 'dead'
         WHERE j.id = $1 AND j.state = 'dead' AND j.rollback_began_at IS NULL ORDER BY s.position LIMIT 1",
        job_id
    )
    .fetch_optional(&queue.pool())
    .await?;
    Ok(name.map(StepName::from))
}

/// Retries the dead step of a job and restarts the step's retry period. Adds an audit entry with `actor`, or the
/// operator if `None`.
///
/// # Errors
/// SQLSTATE `TN404` (no such job) or `TN409` (no step is dead, or a rollback has begun); `INVALID_TRANSITION`
/// while another action holds the job.
pub async fn retry(queue: &Queue, job_id: Uuid, actor: Option<JobActor<'_>>) -> Result<(), Error> {
    job_lock::with_lock(queue, job_id, apply(queue, job_id, actor, "retry", None)).await
}

/// Continues a job without its dead step, after [`StepWork::discard`](crate::StepWork::discard). If the step
/// is not configured, nothing is discarded. Adds an audit entry with `actor`, or the operator if `None`.
///
/// # Errors
/// SQLSTATE `TN404` (no such job) or `TN409` (`step` is not dead, or a rollback has begun);
/// `INVALID_TRANSITION` while another action holds the job; `CONNECTOR_FAILED` or `CONNECTOR_TIMEOUT` if the
/// leftovers of the step could not be removed. The step then stays dead.
pub async fn skip(
    queue: &Queue,
    steps: &Steps,
    job_id: Uuid,
    actor: Option<JobActor<'_>>,
    step: &StepName,
) -> Result<(), Error> {
    let action = async {
        if find_dead_step(queue, job_id).await?.as_ref() == Some(step) {
            discard(queue, steps, job_id, step).await?;
        }
        apply(queue, job_id, actor, "skip", Some(step)).await
    };
    job_lock::with_lock(queue, job_id, action).await
}

/// Removes what the attempts of a dead step left behind.
async fn discard(queue: &Queue, steps: &Steps, job_id: Uuid, step: &StepName) -> Result<(), Error> {
    // If the step is not configured in this process, its external system cannot be called. The step is
    // skipped and its leftovers remain.
    let Some(work) = steps.get(step) else { return Ok(()) };
    let job = sqlx::query_scalar!(r#"SELECT job_to_json(j) AS "job!" FROM jobs j WHERE id = $1"#, job_id)
        .fetch_one(&queue.pool())
        .await?;
    let job: Job = serde_json::from_value(job)?;
    worker::discard(work.as_ref(), &job).await.map_err(|failure| {
        tracing::warn!(
            job.id = %job.id,
            job.kind,
            %step,
            %failure,
            "could not discard what a dead step left behind"
        );
        Error::Refused(failure.code())
    })
}

async fn apply(
    queue: &Queue,
    job_id: Uuid,
    actor: Option<JobActor<'_>>,
    action: &str,
    step: Option<&StepName>,
) -> Result<(), Error> {
    sqlx::query!(
        "SELECT apply_dead_step_action($1, $2, $3, $4, $5)",
        job_id,
        actor.map(|actor| actor.employee_id),
        action,
        step.map(StepName::as_str),
        actor.and_then(|actor| actor.client_address)
    )
    .execute(&queue.pool())
    .await?;
    Ok(())
}
