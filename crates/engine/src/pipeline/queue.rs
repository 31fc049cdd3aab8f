//! The pipeline's functions of the database, as Rust sees them.

use std::time::Duration;

use domain::jobs::StepFailure;
use domain::pipeline::Step;
use serde::Deserialize;
use serde_json::Value;
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use super::Job;
use crate::{Engine, Error};

/// A step that is this worker's, until its lease ends.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub job: Job,
    pub step: Step,
    pub position: i32,
    /// What every write names: an older one writes nothing.
    pub attempt: i32,
    pub tries: u32,
}

#[derive(Debug, Deserialize)]
struct Wire {
    job: Job,
    step: WireStep,
}

#[derive(Debug, Deserialize)]
struct WireStep {
    position: i32,
    name: Step,
    attempt: i32,
    tries: u32,
}

fn read(value: Value) -> Result<Claim, Error> {
    let Wire { job, step } =
        serde_json::from_value(value).map_err(|error| Error::UnexpectedResponse(error.to_string()))?;
    let WireStep { position, name, attempt, tries } = step;
    Ok(Claim { job, step: name, position, attempt, tries })
}

pub(super) fn interval(duration: Duration) -> PgInterval {
    let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    PgInterval { months: 0, days: 0, microseconds }
}

/// Notes that a worker is there.
pub(super) async fn register(engine: &Engine, worker: &str) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO workers (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET seen_at = now()",
        worker
    )
    .execute(&engine.pool())
    .await?;
    Ok(())
}

/// Notes that a worker is gone.
pub(super) async fn leave(engine: &Engine, worker: &str) -> Result<(), Error> {
    sqlx::query!("DELETE FROM workers WHERE name = $1", worker).execute(&engine.pool()).await?;
    Ok(())
}

/// Leases a job that is due, or whose worker was lost.
pub(super) async fn claim(engine: &Engine, worker: &str, lease: Duration) -> Result<Option<Claim>, Error> {
    let found = sqlx::query_scalar!("SELECT claim_job($1, $2)", worker, interval(lease))
        .fetch_one(&engine.pool())
        .await?;
    found.map(read).transpose()
}

/// What became of a write that names an attempt.
#[derive(Debug)]
pub(super) enum Finished {
    /// The next step of the job, begun.
    Next(Box<Claim>),
    /// There was none.
    Done,
    /// The step is another worker's by now; nothing was written.
    Superseded,
}

/// Ends a step well and begins the next, in one commit.
pub(super) async fn finish(
    engine: &Engine,
    claim: &Claim,
    reference: &str,
    worker: &str,
    lease: Duration,
) -> Result<Finished, Error> {
    let answer = sqlx::query_scalar!(
        r#"SELECT finish_step($1, $2, $3, $4, $5, $6) AS "answer!""#,
        claim.job.id,
        claim.position,
        claim.attempt,
        reference,
        worker,
        interval(lease)
    )
    .fetch_one(&engine.pool())
    .await?;
    match (answer.get("current").and_then(Value::as_bool), answer.get("step")) {
        (Some(true), Some(_)) => Ok(Finished::Next(Box::new(read(answer)?))),
        (Some(true), None) => Ok(Finished::Done),
        _ => Ok(Finished::Superseded),
    }
}

/// Ends a step badly: to be tried again after `again`, or dead. False when it was overtaken.
pub(super) async fn fail(
    engine: &Engine,
    claim: &Claim,
    failure: &StepFailure,
    again: Option<Duration>,
) -> Result<bool, Error> {
    let current = sqlx::query_scalar!(
        r#"SELECT fail_step($1, $2, $3, $4, $5, $6, $7) AS "current!""#,
        claim.job.id,
        claim.position,
        claim.attempt,
        failure.code().as_str(),
        &failure.message,
        again.map(interval) as Option<PgInterval>,
        failure.counts_for_breaker()
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(current)
}

/// Gives a step back undone; uses up no try.
pub(super) async fn release(
    engine: &Engine,
    claim: &Claim,
    wait: Duration,
    why: &str,
) -> Result<bool, Error> {
    let current = sqlx::query_scalar!(
        r#"SELECT release_step($1, $2, $3, $4, $5) AS "current!""#,
        claim.job.id,
        claim.position,
        claim.attempt,
        interval(wait),
        why
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(current)
}

/// Keeps the lease. False when the step is another's by now.
pub(super) async fn keep(
    engine: &Engine,
    claim: &Claim,
    worker: &str,
    lease: Duration,
) -> Result<bool, Error> {
    let current = sqlx::query_scalar!(
        r#"SELECT extend_lease($1, $2, $3, $4, $5) AS "current!""#,
        claim.job.id,
        claim.position,
        claim.attempt,
        worker,
        interval(lease)
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(current)
}

/// Tells that the step has begun, and answers none when its connector may be used now, else how long to
/// wait. A probe has `probe` for its try.
pub(super) async fn announce_start(
    engine: &Engine,
    claim: &Claim,
    probe: Duration,
) -> Result<Option<Duration>, Error> {
    let answer = sqlx::query!(
        "SELECT notify_change($1), extract(epoch FROM breaker_delay($2, $3))::float8 AS seconds",
        claim.job.request_id,
        claim.step.connector().as_str(),
        interval(probe)
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(answer.seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
}

/// How long until some job is due; none when none waits.
pub(super) async fn next_due(engine: &Engine) -> Result<Option<Duration>, Error> {
    let seconds = sqlx::query_scalar!(
        "SELECT extract(epoch FROM least(
             (SELECT min(due_at) FROM jobs WHERE state IN ('pending', 'retrying')),
             (SELECT min(lease_until) FROM jobs WHERE state = 'running')) - now())::float8"
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
}

/// The last step's work: whether the tenant is active from now on.
pub(super) async fn activate(engine: &Engine, job_id: Uuid) -> Result<bool, Error> {
    let active = sqlx::query_scalar!(r#"SELECT activate_tenant($1) AS "active!""#, job_id)
        .fetch_one(&engine.pool())
        .await?;
    Ok(active)
}
