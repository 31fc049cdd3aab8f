//! Undoing a job (SPEC section 6). Once begun it is only ever finished, by whoever comes next: what is
//! undone outside is nothing that a later step could rely on.

use std::{sync::Arc, time::Duration};

use domain::{ErrorCode, jobs::StepFailure, pipeline::Step};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Job, Steps, queue::interval, worker};
use crate::{Engine, Error, access::Principal};

/// Undoes a job that is not at work: each effect outside in reverse order, then the tenant, and an
/// owner whom this request made. Cut off, it can be called again, and [`tidy`](super::tidy) does.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` while a worker or another rollback has it
/// or when the tenant is active; `CONNECTOR_FAILED` where an effect outside could not be undone,
/// which leaves the tenant.
pub async fn rollback(
    engine: &Engine,
    steps: &Steps,
    by: &Principal,
    request_id: Uuid,
    reason: &str,
) -> Result<(), Error> {
    by.require_provisioning()?;
    undo_job(engine, steps, request_id, RollbackTrigger::Of { employee_id: by.employee_id, reason }).await
}

/// [`rollback`] in a task of its own: a client that goes away does not stop it half way.
///
/// # Errors
/// As [`rollback`].
pub async fn rollback_detached(
    engine: &Engine,
    steps: Arc<Steps>,
    by: Principal,
    request_id: Uuid,
    reason: String,
) -> Result<(), Error> {
    let engine = engine.clone();
    let work = async move { rollback(&engine, &steps, &by, request_id, &reason).await };
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(panic) => Err(Error::UnexpectedResponse(panic.to_string())),
    }
}

/// Why a job is undone. Of one that was begun before, the first wish stays on record.
#[derive(Debug, Clone, Copy)]
pub(super) enum RollbackTrigger<'a> {
    Of {
        employee_id: Uuid,
        reason: &'a str,
    },
    /// Nobody's: it was begun before, or waits for a decision for longer than this.
    Upkeep {
        unattended: Option<Duration>,
    },
}

/// Undoes a job.
pub(super) async fn undo_job(
    engine: &Engine,
    steps: &Steps,
    request_id: Uuid,
    wish: RollbackTrigger<'_>,
) -> Result<(), Error> {
    // Let go when it is dropped, or when this process dies.
    let _turn = turn(engine, request_id).await?;
    let held = hold(engine, request_id, wish).await?;
    engine.announce(request_id);
    if let Err((step, failure)) = undo_effects(steps, &held).await {
        tracing::warn!(job.id = %held.job.id, %step, %failure, "an effect could not be undone");
        let problem = format!("{}: {failure}", step.label());
        sqlx::query!("SELECT record_rollback_error($1, $2)", request_id, problem)
            .execute(&engine.pool())
            .await?;
        engine.announce(request_id);
        return Err(failure.code().into());
    }
    sqlx::query!("SELECT finish_rollback($1)", request_id).execute(&engine.pool()).await?;
    engine.announce(request_id);
    Ok(())
}

/// The last effect first. Ends at the first that could not be undone.
async fn undo_effects(steps: &Steps, held: &Held) -> Result<(), (Step, StepFailure)> {
    for step in Step::ALL.into_iter().rev().filter(|step| held.started_steps.contains(step)) {
        let undone = match steps.get(step) {
            Some(work) => worker::undo(work.as_ref(), &held.job).await,
            None => Err(StepFailure::permanent("its connector is not configured any more")),
        };
        undone.map_err(|failure| (step, failure))?;
    }
    Ok(())
}

/// A job that no worker takes any more.
#[derive(Deserialize)]
struct Held {
    #[serde(flatten)]
    job: Job,
    /// The steps that may have had an effect.
    #[serde(rename = "startedSteps")]
    started_steps: Vec<Step>,
}

async fn hold(engine: &Engine, request_id: Uuid, wish: RollbackTrigger<'_>) -> Result<Held, Error> {
    let (employee_id, reason, unattended) = match wish {
        RollbackTrigger::Of { employee_id, reason } => (Some(employee_id), Some(reason.to_owned()), None),
        RollbackTrigger::Upkeep { unattended } => (None, unattended.map(undecided), unattended.map(interval)),
    };
    let facts = sqlx::query_scalar!(
        r#"SELECT begin_rollback($1, $2, $3, $4) AS "facts!""#,
        request_id,
        employee_id,
        reason,
        unattended
    )
    .fetch_one(&engine.pool())
    .await?;
    serde_json::from_value(facts).map_err(|error| Error::UnexpectedResponse(error.to_string()))
}

/// The reason of a rollback that nobody asked for.
fn undecided(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let wait = match (seconds % 3600, seconds % 60) {
        (0, _) => format!("{} h", seconds / 3600),
        (_, 0) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    };
    format!("Nobody decided within {wait}.")
}

/// A connection that has the job's rollback for itself until it is closed. One whose machine vanished
/// counts as closed after half a minute.
async fn turn(engine: &Engine, request_id: Uuid) -> Result<PgConnection, Error> {
    let mut connection = engine.pool().acquire().await?.detach();
    let keepalives =
        "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";
    sqlx::raw_sql(keepalives).execute(&mut connection).await?;
    let mine = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_lock(hashtextextended('roll back ' || $1::uuid, 0)) AS "mine!""#,
        request_id
    )
    .fetch_one(&mut connection)
    .await?;
    match mine {
        true => Ok(connection),
        false => Err(ErrorCode::InvalidTransition.into()),
    }
}
