//! What has to be done now and then, by whichever process comes first.

use std::{sync::Arc, time::Duration};

use domain::ErrorCode;
use uuid::Uuid;

use super::{
    Steps,
    queue::interval,
    rollback::{RollbackTrigger, undo_job},
};
use crate::{Engine, Error, provisioning::cleanup_stuck};

const PAUSE: Duration = Duration::from_secs(60);

/// What is too long.
#[derive(Debug, Clone, Copy)]
pub struct MaintenanceTimeouts {
    /// For a request to be `processing`.
    pub stuck: Duration,
    /// For a dead step to wait for somebody's decision, before its job is rolled back; none for ever.
    pub unattended: Option<Duration>,
}

impl Default for MaintenanceTimeouts {
    fn default() -> Self {
        Self { stuck: Duration::from_secs(600), unattended: None }
    }
}

/// The requests that were tidied up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaintenanceReport {
    /// Stuck, and ended as failed.
    pub ended: Vec<Uuid>,
    /// Undone: a rollback that was cut off, or one that nobody decided on.
    pub rolled_back: Vec<Uuid>,
    /// Could not be undone yet.
    pub failed: Vec<Uuid>,
}

/// Ends stuck requests, finishes rollbacks that were cut off, rolls back what nobody decided on in time,
/// and forgets workers that were lost long ago. Never touches an active tenant, or a database that is not
/// marked as ours.
///
/// # Errors
/// When the database cannot be asked. What an outside system refuses is tried again another time.
pub async fn tidy(
    engine: &Engine,
    steps: &Steps,
    patience: MaintenanceTimeouts,
) -> Result<MaintenanceReport, Error> {
    engine.require_schema()?;
    let mut tidied = MaintenanceReport {
        ended: cleanup_stuck(engine, patience.stuck).await?,
        ..MaintenanceReport::default()
    };
    for request_id in rollbacks_due(engine, patience.unattended).await? {
        match undo_job(engine, steps, request_id, RollbackTrigger::Upkeep { unattended: patience.unattended })
            .await
        {
            Ok(()) => tidied.rolled_back.push(request_id),
            // Somebody has decided meanwhile, or is at it.
            Err(error) if error.problem().code == ErrorCode::InvalidTransition => {}
            Err(error) => {
                tracing::warn!(request.id = %request_id, ?error, "a rollback is not finished yet");
                tidied.failed.push(request_id);
            }
        }
    }
    sqlx::query!("DELETE FROM workers WHERE seen_at < now() - interval '1 day'")
        .execute(&engine.pool())
        .await?;
    Ok(tidied)
}

/// Tidies up each minute, without end.
pub async fn run_maintenance_periodically(engine: Engine, steps: Arc<Steps>, patience: MaintenanceTimeouts) {
    loop {
        tokio::time::sleep(PAUSE).await;
        match tidy(&engine, &steps, patience).await {
            Ok(tidied) if tidied == MaintenanceReport::default() => {}
            Ok(MaintenanceReport { ended, rolled_back, failed }) => {
                tracing::info!(?ended, ?rolled_back, ?failed, "tidied up");
            }
            Err(error) => tracing::warn!(?error, "could not tidy up"),
        }
    }
}

async fn rollbacks_due(engine: &Engine, unattended: Option<Duration>) -> Result<Vec<Uuid>, Error> {
    let due = sqlx::query_scalar!(r#"SELECT rollbacks_due($1) AS "id!""#, unattended.map(interval))
        .fetch_all(&engine.pool())
        .await?;
    Ok(due)
}
