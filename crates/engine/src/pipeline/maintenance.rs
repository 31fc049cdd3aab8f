//! Periodic maintenance. Every `serve` and `worker` process runs the maintenance. Locks in the database
//! ensure that one process at a time changes a request or a job.

use std::time::Duration;

use domain::ErrorCode;
use jobs::{DueRollback, RollbackTrigger};
use uuid::Uuid;

use super::retention::{RetentionReport, apply_retention, preview_retention};
use crate::{
    Engine, Error, access, import, mail,
    provisioning::{cleanup_stuck, find_stuck},
    sign_up, tenants,
};

/// How often a process runs the maintenance.
const INTERVAL: Duration = Duration::from_secs(60);
/// How many batches of old rows of each kind a periodic run processes at most. The next runs process the
/// rest. Without this limit, the first run with a retention could occupy the database for minutes.
const RETENTION_BATCHES: usize = 20;

/// When requests and dead steps count as abandoned, and how long old data is kept.
#[derive(Debug, Clone, Copy)]
pub struct MaintenanceTimeouts {
    /// How long a request may be `processing`.
    pub stuck: Duration,
    /// How long a dead step may wait for an admin before its job is rolled back. `None`: forever.
    pub unattended: Option<Duration>,
    /// How long the personal data of requests without a tenant, the messages of attempts, the attempts of steps
    /// and finished mail are kept; mail at least 30 days. `None`: forever.
    pub retention: Option<Duration>,
}

impl Default for MaintenanceTimeouts {
    fn default() -> Self {
        Self { stuck: Duration::from_secs(600), unattended: None, retention: None }
    }
}

/// The changes of one maintenance run. A job is identified by the ID of its provisioning request, or by its
/// own ID if it has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaintenanceReport {
    /// Requests that were stuck in `processing` and are `failed` now.
    pub failed_requests: Vec<Uuid>,
    /// Jobs that were rolled back.
    pub rolled_back: Vec<Uuid>,
    /// Jobs whose rollback failed and will be retried.
    pub failed_rollbacks: Vec<Uuid>,
    /// Tenants that were suspended, because their trial has ended.
    pub suspended: Vec<Uuid>,
    /// Deleted tenants that can no longer be restored, and whose purge began.
    pub purging: Vec<Uuid>,
    /// How many rows the retention changed.
    pub retention: RetentionReport,
}

/// Marks stuck requests as failed, resumes interrupted rollbacks, and rolls back dead jobs on which no admin
/// acted. Suspends tenants whose trial has ended, retries lifecycle jobs that have been dead for a day, and
/// begins the purge of tenants that can no longer be restored. Deletes old records: workers without a
/// heartbeat in the last 24 hours, failed sign-in attempts, expired one-time tokens, the responses to old
/// calls of tenants, old reports of imports, and the jobs of old messages. Enqueues the messages about trials that end soon. Applies
/// the retention in a limited number of batches. Never changes a database without our mark.
///
/// # Errors
/// If the database cannot be reached. A failed rollback is not an error; the report lists it.
pub async fn run_maintenance(
    engine: &Engine,
    timeouts: MaintenanceTimeouts,
) -> Result<MaintenanceReport, Error> {
    run(engine, timeouts, RETENTION_BATCHES).await
}

/// Like [`run_maintenance`], but applies the retention completely.
///
/// # Errors
/// The errors of [`run_maintenance`].
pub async fn run_complete_maintenance(
    engine: &Engine,
    timeouts: MaintenanceTimeouts,
) -> Result<MaintenanceReport, Error> {
    run(engine, timeouts, usize::MAX).await
}

/// Reports what [`run_complete_maintenance`] would change, without changing it. Lists every due rollback in
/// `rolled_back`, as if it succeeded.
///
/// # Errors
/// If the database cannot be read.
pub async fn preview_maintenance(
    engine: &Engine,
    timeouts: MaintenanceTimeouts,
) -> Result<MaintenanceReport, Error> {
    engine.require_schema()?;
    let due = jobs::rollbacks_due(engine.queue(), timeouts.unattended).await?;
    let mut report = MaintenanceReport {
        failed_requests: find_stuck(engine, timeouts.stuck).await?,
        rolled_back: due.iter().map(subject_id).collect(),
        suspended: tenants::ended_trials(engine).await?,
        purging: tenants::due_purges(engine).await?,
        ..MaintenanceReport::default()
    };
    if let Some(retention) = timeouts.retention {
        report.retention = preview_retention(engine, retention).await?;
    }
    Ok(report)
}

async fn run(
    engine: &Engine,
    timeouts: MaintenanceTimeouts,
    retention_batches: usize,
) -> Result<MaintenanceReport, Error> {
    engine.require_schema()?;
    let queue = engine.queue();
    let mut report = MaintenanceReport {
        failed_requests: cleanup_stuck(engine, timeouts.stuck).await?,
        ..MaintenanceReport::default()
    };
    let trigger = RollbackTrigger::Maintenance { unattended: timeouts.unattended };
    for due in jobs::rollbacks_due(queue, timeouts.unattended).await? {
        let id = subject_id(&due);
        match jobs::rollback(queue, engine.steps(), due.job_id, trigger).await.map_err(Error::from) {
            Ok(()) => report.rolled_back.push(id),
            // After the list was read, an admin acted on the job, or another process began the rollback.
            Err(error) if error.problem().code == ErrorCode::InvalidTransition => {}
            Err(error) => {
                tracing::warn!(job.id = %due.job_id, ?error, "a rollback failed and will be retried");
                report.failed_rollbacks.push(id);
            }
        }
    }
    report.suspended = tenants::end_trials(engine).await?;
    tenants::retry_lifecycle_jobs(engine).await?;
    report.purging = tenants::begin_purges(engine).await?;
    jobs::health::delete_stale_workers(queue).await?;
    access::delete_expired(engine).await?;
    sign_up::delete_expired_sign_ups(engine).await?;
    tenants::delete_old_calls(engine).await?;
    import::delete_old_imports(engine).await?;
    mail::enqueue_trial_notices(engine).await?;
    mail::delete_old_mail(engine).await?;
    if let Some(retention) = timeouts.retention {
        report.retention = apply_retention(engine, retention, retention_batches).await?;
    }
    Ok(report)
}

/// The ID that a report shows for a job.
fn subject_id(due: &DueRollback) -> Uuid {
    due.request_id.unwrap_or(due.job_id)
}

/// Runs the maintenance every minute until the future is dropped.
pub async fn run_maintenance_periodically(engine: Engine, timeouts: MaintenanceTimeouts) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        match run_maintenance(&engine, timeouts).await {
            Ok(report) if report == MaintenanceReport::default() => {}
            Ok(report) => {
                let MaintenanceReport {
                    failed_requests,
                    rolled_back,
                    failed_rollbacks,
                    suspended,
                    purging,
                    retention,
                } = report;
                tracing::info!(
                    ?failed_requests,
                    ?rolled_back,
                    ?failed_rollbacks,
                    ?suspended,
                    ?purging,
                    ?retention,
                    "maintenance finished"
                );
            }
            Err(error) => tracing::warn!(?error, "maintenance failed"),
        }
    }
}
