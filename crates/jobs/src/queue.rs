//! The queue: tables in PostgreSQL, and the SQL functions that change these tables.
//!
//! Workers in any number of processes share the queue. A worker claims a job with `SKIP LOCKED` and holds the
//! job by a lease, which the heartbeat of the worker extends. Every start of a step increments the step's
//! `attempt`. Every write names the attempt, so that the write of a superseded worker has no effect. One
//! statement finishes a step and starts the next one, in one transaction.
//!
//! The states of a job, and the calls that change them:
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> pending: inserted
//!     [*] --> skipped: inserted, with all steps skipped
//!     [*] --> blocked: inserted, for a tenant without an owner
//!     pending --> running: claim
//!     retrying --> running: claim, when due
//!     running --> running: finish a step and start the next, or claim after the lease expired
//!     running --> succeeded: finish the last step
//!     running --> retrying: fail (with a retry), release, or the next step must wait for its connector
//!     running --> dead: fail (without a retry), or claim after the fifth lost attempt
//!     dead --> retrying: an admin retries or skips the step
//!     retrying --> succeeded: claim after the last step was skipped
//!     pending --> dead: rollback begins
//!     retrying --> dead: rollback begins
//!     running --> dead: rollback begins after the lease expired
//!     dead --> compensated: rollback finished
//!     pending --> compensated: rollback of the request before any step began
//!     skipped --> compensated: rollback of the request
//!     blocked --> pending: the tenant gets an owner, or is restored before any step began
//!     blocked --> retrying: the tenant is resumed or restored
//!     pending --> blocked: the tenant is deleted
//!     running --> blocked: the tenant is suspended or deleted, the step retrying
//!     retrying --> blocked: the tenant is suspended or deleted
//!     blocked --> compensated: rollback of the request
//!     pending --> skipped: a later change of the tenant supersedes a lifecycle job, in any unfinished state
//!     running --> skipped: superseded
//!     retrying --> skipped: superseded
//!     dead --> skipped: superseded
//! ```
//!
//! While the circuit breaker of a connector is not closed, the jobs whose next step uses the connector *wait
//! for the connector*: they stay `pending` or `retrying`, and no worker claims them. When the pause of the
//! breaker is over, one of them is claimed, and its step tests the connector.
//!
//! A job belongs to a named queue, such as [`PIPELINE`], and a worker serves one of them, so that the jobs of
//! one queue do not delay those of another.
//!
//! [`StepRecord`](domain::jobs::StepRecord) describes the states and the events of a single step.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use database::{Database, Pool};
use domain::jobs::{BreakerSignal, FailureSeries, StepFailure, StepName};
use serde::Deserialize;
use serde_json::Value;
use sqlx::postgres::types::PgInterval;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::{
    Error, Job, Resource, metrics::StepMetrics, notifications::Notifications, worker_notifier::WorkerNotifier,
};

/// The name of the queue of jobs that change external systems for a tenant.
pub const PIPELINE: &str = "pipeline";

/// How long a worker may be without a heartbeat before the worker counts as offline. Workers send a heartbeat
/// every 10 s.
pub(crate) const WORKER_TIMEOUT: Duration = Duration::from_secs(45);

/// The queue in a database. Cheap to clone. A process creates one queue.
#[derive(Debug, Clone)]
pub struct Queue {
    pub(crate) database: Arc<Database>,
    pub(crate) metrics: Arc<StepMetrics>,
    pub(crate) notifier: Arc<WorkerNotifier>,
    notifications: Arc<Notifications>,
    changes: broadcast::Sender<Uuid>,
}

/// A step that this worker holds until the lease expires.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) job: Job,
    pub(crate) step: StepName,
    /// The connector whose circuit breaker guards the step.
    pub(crate) connector: String,
    pub(crate) position: i32,
    /// The number of the attempt. Every write contains it, so that a superseded worker cannot write.
    pub(crate) attempt: i32,
    /// The failed attempts before this one. `duration` is measured up to the start of this attempt.
    failures: FailureSeries,
    started: Instant,
}

impl Claim {
    /// Returns the failed attempts, including the current one.
    pub(crate) fn failures_including_this(&self) -> FailureSeries {
        match self.failures.attempts {
            0 => FailureSeries { attempts: 1, duration: Duration::ZERO },
            attempts => FailureSeries {
                attempts: attempts + 1,
                duration: self.failures.duration + self.started.elapsed(),
            },
        }
    }
}

/// The result of finishing a step.
#[derive(Debug)]
pub(crate) enum FinishResult {
    /// The next step of the job, already started.
    Next(Box<Claim>),
    /// No further step of the job runs now: the job has ended, or waits for a connector.
    Done,
    /// The worker no longer holds the step; nothing was written.
    Superseded,
}

/// The result of recording a failure.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailureResult {
    /// False if the worker no longer holds the step; nothing was written.
    #[serde(rename = "current")]
    pub(crate) is_current: bool,
    /// Whether the failure opened the circuit breaker of the connector.
    #[serde(default)]
    pub(crate) breaker_opened: bool,
}

#[derive(Debug, Deserialize)]
struct ClaimResponse {
    job: Job,
    step: StepResponse,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StepResponse {
    position: i32,
    name: StepName,
    connector: String,
    attempt: i32,
    failed_attempts: u32,
    failing_for_ms: u64,
}

impl From<ClaimResponse> for Claim {
    fn from(ClaimResponse { job, step }: ClaimResponse) -> Self {
        let StepResponse { position, name, connector, attempt, failed_attempts, failing_for_ms } = step;
        let failures =
            FailureSeries { attempts: failed_attempts, duration: Duration::from_millis(failing_for_ms) };
        Self { job, step: name, connector, position, attempt, failures, started: Instant::now() }
    }
}

impl Queue {
    /// Creates a queue. `changes` receives the ID of a provisioning request when a rollback in this
    /// process changes the request.
    pub fn new(database: Arc<Database>, changes: broadcast::Sender<Uuid>) -> Self {
        let notifications = Arc::new(Notifications::new(database.clone()));
        let notifier = Arc::new(WorkerNotifier::new(notifications.clone()));
        Self { database, metrics: Arc::default(), notifier, notifications, changes }
    }

    pub(crate) fn pool(&self) -> Pool {
        self.database.pool()
    }

    /// Wakes an idle worker of the queue [`PIPELINE`]. See [`wake_worker_of`](Self::wake_worker_of).
    pub fn wake_worker(&self) {
        self.wake_worker_of(PIPELINE);
    }

    /// Wakes an idle worker of this process or, if there is none, the idle workers of all processes. Call
    /// this after the transaction that added a job has committed. If the notification is lost, a worker finds
    /// the job with its next poll, at most 2 s later. The transaction itself must not notify.
    pub fn wake_worker_of(&self, name: &str) {
        self.notifier.notify(name);
    }

    pub(crate) fn announce(&self, request_id: Option<Uuid>) {
        if let Some(request_id) = request_id {
            // An error means that there is no receiver.
            let _ = self.changes.send(request_id);
        }
    }

    /// Adds a worker to the list of workers, or updates its heartbeat.
    pub(crate) async fn register(&self, worker: &str) -> Result<(), Error> {
        sqlx::query!(
            "INSERT INTO workers (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET last_seen_at = now()",
            worker
        )
        .execute(&self.pool())
        .await?;
        Ok(())
    }

    /// Removes a worker from the list of workers.
    pub(crate) async fn deregister(&self, worker: &str) -> Result<(), Error> {
        sqlx::query!("DELETE FROM workers WHERE name = $1", worker).execute(&self.pool()).await?;
        Ok(())
    }

    /// Leases a job of the queue `name` that is due or whose lease has expired, and starts its next step.
    pub(crate) async fn claim(
        &self,
        name: &str,
        worker: &str,
        lease: Duration,
    ) -> Result<Option<Claim>, Error> {
        let claimed = sqlx::query_scalar!("SELECT claim_job($1, $2, $3)", worker, interval(lease), name)
            .fetch_one(&self.pool())
            .await?;
        claimed.map(read_claim).transpose()
    }

    /// Stores that a step succeeded, with its external reference and its resource, and starts the next one, in
    /// one transaction.
    pub(crate) async fn finish(
        &self,
        claim: &Claim,
        (reference, resource): (&str, Option<&Resource>),
        worker: &str,
        lease: Duration,
    ) -> Result<FinishResult, Error> {
        let response = sqlx::query_scalar!(
            r#"SELECT finish_step($1, $2, $3, $4, $5, $6, $7) AS "response!""#,
            claim.job.id,
            claim.position,
            claim.attempt,
            reference,
            worker,
            interval(lease),
            resource.map(serde_json::to_value).transpose()?
        )
        .fetch_one(&self.pool())
        .await?;
        match (response.get("current").and_then(Value::as_bool), response.get("step")) {
            (Some(true), Some(_)) => Ok(FinishResult::Next(Box::new(read_claim(response)?))),
            (Some(true), None) => Ok(FinishResult::Done),
            _ => Ok(FinishResult::Superseded),
        }
    }

    /// Stores that an attempt failed. The step is due again after `retry_after`; if `retry_after` is `None`,
    /// the step becomes dead. `signal` updates the circuit breaker of the connector.
    pub(crate) async fn fail(
        &self,
        claim: &Claim,
        failure: &StepFailure,
        retry_after: Option<Duration>,
        signal: BreakerSignal,
    ) -> Result<FailureResult, Error> {
        let response = sqlx::query_scalar!(
            r#"SELECT fail_step($1, $2, $3, $4, $5, $6, $7) AS "response!""#,
            claim.job.id,
            claim.position,
            claim.attempt,
            failure.code().as_str(),
            &failure.message,
            retry_after.map(interval) as Option<PgInterval>,
            signal.as_str()
        )
        .fetch_one(&self.pool())
        .await?;
        Ok(serde_json::from_value(response)?)
    }

    /// Releases an unfinished step, so that another worker can continue it immediately. Returns false if the
    /// worker was superseded.
    pub(crate) async fn release(&self, claim: &Claim, reason: &str) -> Result<bool, Error> {
        let is_current = sqlx::query_scalar!(
            r#"SELECT release_step($1, $2, $3, $4) AS "is_current!""#,
            claim.job.id,
            claim.position,
            claim.attempt,
            reason
        )
        .fetch_one(&self.pool())
        .await?;
        Ok(is_current)
    }

    /// Extends the lease and updates the worker's heartbeat. Returns false if the worker was superseded.
    pub(crate) async fn extend_lease(
        &self,
        claim: &Claim,
        worker: &str,
        lease: Duration,
    ) -> Result<bool, Error> {
        let is_current = sqlx::query_scalar!(
            r#"SELECT extend_lease($1, $2, $3, $4, $5) AS "is_current!""#,
            claim.job.id,
            claim.position,
            claim.attempt,
            worker,
            interval(lease)
        )
        .fetch_one(&self.pool())
        .await?;
        Ok(is_current)
    }

    /// Notifies the listeners that the step started, if the job belongs to a request. Runs in the background.
    /// `claim_job` and `finish_step` do not notify.
    pub(crate) fn announce_start(&self, claim: &Claim) {
        if let Some(request_id) = claim.job.request_id {
            self.notifications.announce_change(request_id);
        }
    }

    /// Returns the time until a job of the queue `name` is due, a lease expires, or a connector for which a job waits may be
    /// tested. Returns `None` if there is no such job.
    pub(crate) async fn next_due(&self, name: &str) -> Result<Option<Duration>, Error> {
        let seconds = sqlx::query_scalar!(
            "SELECT extract(epoch FROM least(
                 (SELECT min(due_at) FROM jobs
                  WHERE queue = $1 AND state IN ('pending', 'running', 'retrying') AND waiting_for IS NULL),
                 (SELECT min(coalesce(b.next_test_at, now())) FROM breakers b WHERE b.test_job_id IS NULL
                    AND EXISTS (SELECT FROM jobs WHERE waiting_for = b.connector AND queue = $1))
                 ) - now())::float8",
            name
        )
        .fetch_one(&self.pool())
        .await?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
    }
}

fn read_claim(value: Value) -> Result<Claim, Error> {
    let response: ClaimResponse = serde_json::from_value(value)?;
    Ok(response.into())
}

/// Converts a duration for PostgreSQL.
pub(crate) fn interval(duration: Duration) -> PgInterval {
    let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    PgInterval { months: 0, days: 0, microseconds }
}
