//! Rollback of a job: compensation of its effects in reverse order.
//!
//! A rollback that has begun is never cancelled, because some effects may already be missing. If the process
//! dies or an external system refuses, the job stays dead and [`rollbacks_due`] lists it again.
//!
//! SQL functions handle the tenant of the job: `begin_rollback` calls `rollback_is_allowed`, and
//! `finish_rollback` calls `on_job_rolled_back` in the transaction that ends the rollback. Both read the
//! column `creates_tenant`.
//!
//! ```mermaid
//! stateDiagram-v2
//!     pending --> rolling_back: begin_rollback
//!     retrying --> rolling_back: begin_rollback
//!     running --> rolling_back: begin_rollback, after the lease expired
//!     dead --> rolling_back: begin_rollback
//!     rolling_back --> rolling_back: a compensation failed (record_rollback_error), retry later
//!     rolling_back --> compensated: finish_rollback, on_job_rolled_back
//! ```
//!
//! `rolling_back` is stored as state `dead` with `rollback_began_at` set.

use std::time::Duration;

use domain::jobs::{StepFailure, StepName};
use serde::Deserialize;
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use crate::{Error, Job, JobActor, Queue, Steps, job_lock, queue::interval, worker};

/// Who or what rolls a job back. A resumed rollback keeps the trigger that was recorded when it began.
#[derive(Debug, Clone, Copy)]
pub enum RollbackTrigger<'a> {
    /// An employee requested the rollback.
    Employee {
        /// The employee.
        actor: JobActor<'a>,
        /// The reason that the employee gave.
        reason: &'a str,
    },
    /// Maintenance resumes a rollback, or begins the rollback of a dead job on which no admin has acted.
    Maintenance {
        /// How long a dead job waits for an admin; `None` means forever.
        unattended: Option<Duration>,
    },
}

/// Rolls a job back: removes each external effect in reverse order, then ends the job. Safe to repeat
/// after an interruption.
///
/// # Errors
/// `TN404` if there is no such job; `TN409` or `INVALID_TRANSITION` while a worker or another action holds
/// the job, or if the tenant of the job is active; `CONNECTOR_FAILED` or `CONNECTOR_TIMEOUT` if
/// an effect could not be removed. The job then stays dead.
pub async fn rollback(
    queue: &Queue,
    steps: &Steps,
    job_id: Uuid,
    trigger: RollbackTrigger<'_>,
) -> Result<(), Error> {
    job_lock::with_lock(queue, job_id, rollback_locked(queue, steps, job_id, trigger)).await
}

/// Rolls a job back while the caller holds the lock of the job.
async fn rollback_locked(
    queue: &Queue,
    steps: &Steps,
    job_id: Uuid,
    trigger: RollbackTrigger<'_>,
) -> Result<(), Error> {
    let RollbackPlan { job, started_steps } = begin(queue, job_id, trigger).await?;
    queue.announce(job.request_id);
    if let Err((step, failure)) = compensate(steps, &job, &started_steps).await {
        tracing::warn!(job.id = %job.id, job.kind, %step, %failure, "could not remove the effect of a step");
        sqlx::query!("SELECT record_rollback_error($1, $2, $3)", job_id, step.as_str(), failure.message)
            .execute(&queue.pool())
            .await?;
        queue.announce(job.request_id);
        return Err(Error::Refused(failure.code()));
    }
    sqlx::query!("SELECT finish_rollback($1)", job_id).execute(&queue.pool()).await?;
    queue.announce(job.request_id);
    Ok(())
}

/// A job that [`rollbacks_due`] lists.
#[derive(Debug, Clone)]
pub struct DueRollback {
    /// The job.
    pub job_id: Uuid,
    /// The provisioning request that the job belongs to, if any.
    pub request_id: Option<Uuid>,
}

/// Returns at most 100 jobs whose rollback was interrupted or failed and is due again, or which have been
/// dead for longer than `unattended` without an action of an admin. `None` means that such jobs wait forever.
///
/// # Errors
/// If the database cannot be read.
pub async fn rollbacks_due(queue: &Queue, unattended: Option<Duration>) -> Result<Vec<DueRollback>, Error> {
    let due = sqlx::query_as!(
        DueRollback,
        r#"SELECT job_id AS "job_id!", request_id FROM rollbacks_due($1)"#,
        unattended.map(interval) as Option<PgInterval>
    )
    .fetch_all(&queue.pool())
    .await?;
    Ok(due)
}

/// Removes the effects, the last one first. Stops at the first failure.
async fn compensate(
    steps: &Steps,
    job: &Job,
    started_steps: &[StepName],
) -> Result<(), (StepName, StepFailure)> {
    for step in started_steps.iter().rev() {
        let result = match steps.get(step) {
            Some(work) => worker::compensate(work.as_ref(), job).await,
            None => Err(StepFailure::permanent("the connector of this step is no longer configured")),
        };
        result.map_err(|failure| (step.clone(), failure))?;
    }
    Ok(())
}

/// The job of a rollback. No worker can claim this job.
#[derive(Deserialize)]
struct RollbackPlan {
    job: Job,
    /// The steps that may have had an effect, in the order of the job.
    #[serde(rename = "startedSteps")]
    started_steps: Vec<StepName>,
}

async fn begin(queue: &Queue, job_id: Uuid, trigger: RollbackTrigger<'_>) -> Result<RollbackPlan, Error> {
    let (actor, reason, unattended) = match trigger {
        RollbackTrigger::Employee { actor, reason } => (Some(actor), Some(reason.to_owned()), None),
        RollbackTrigger::Maintenance { unattended } => {
            (None, unattended.map(unattended_reason), unattended.map(interval))
        }
    };
    let begun = sqlx::query_scalar!(
        r#"SELECT begin_rollback($1, $2, $3, $4, $5) AS "begun!""#,
        job_id,
        actor.map(|actor| actor.employee_id),
        reason,
        unattended as Option<PgInterval>,
        actor.and_then(|actor| actor.client_address)
    )
    .fetch_one(&queue.pool())
    .await?;
    Ok(serde_json::from_value(begun)?)
}

/// The stored reason of a rollback that maintenance began.
fn unattended_reason(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let wait = match (seconds % 3600, seconds % 60) {
        (0, _) => format!("{} h", seconds / 3600),
        (_, 0) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    };
    format!("No admin acted within {wait}.")
}
