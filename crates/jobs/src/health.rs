//! The state of the queue, the workers and the circuit breakers.

use database::Transaction;
use domain::{
    Timestamp,
    jobs::{BreakerState, QueueHealth, WorkerHealth},
};

use crate::{
    Error, Queue,
    queue::{PIPELINE, WORKER_TIMEOUT, interval},
};

/// The stored state of a circuit breaker. A connector that never failed has no record.
#[derive(Debug, Clone)]
pub struct BreakerRecord {
    /// The name of the connector.
    pub connector: String,
    /// The state of the breaker.
    pub state: BreakerState,
    /// Counted failures since the last success.
    pub failures: u32,
    /// When an open breaker lets one step test the connector.
    pub next_test_at: Option<Timestamp>,
    /// When the breaker last counted a failure or changed its state.
    pub changed_at: Timestamp,
    /// The message of the last failure, for admins.
    pub message: Option<String>,
}

/// Returns every circuit breaker.
///
/// # Errors
/// If the database cannot be read.
pub async fn breakers(queue: &Queue) -> Result<Vec<BreakerRecord>, Error> {
    let rows = sqlx::query!(
        r#"SELECT connector, state, failures, message,
             (extract(epoch FROM next_test_at) * 1000)::bigint AS next_test_ms,
             (extract(epoch FROM changed_at) * 1000)::bigint AS "changed_ms!"
           FROM breakers"#
    )
    .fetch_all(&queue.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| BreakerRecord {
            state: BreakerState::from_text(&row.state).unwrap_or(BreakerState::Closed),
            connector: row.connector,
            failures: row.failures.unsigned_abs(),
            next_test_at: row.next_test_ms.map(Timestamp),
            changed_at: Timestamp(row.changed_ms),
            message: row.message,
        })
        .collect())
}

/// Ends the pause of an open circuit breaker, so that the next step that uses the connector tests it. The
/// breaker is half-open during the test, and closes if the step succeeds or fails permanently, because the
/// external system then responded. Returns false if the breaker is not open.
///
/// # Errors
/// If the database cannot be written.
pub async fn end_breaker_pause(transaction: &mut Transaction, connector: &str) -> Result<bool, Error> {
    let updated = sqlx::query!(
        "WITH updated AS (
             UPDATE breakers SET next_test_at = clock_timestamp()
             WHERE connector = $1 AND state = 'open' RETURNING connector)
         SELECT pg_notify('tenantry_jobs', '') FROM updated",
        connector
    )
    .execute(transaction)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Returns the number of unfinished jobs of the queue [`PIPELINE`] by state, and when the oldest due job
/// became due. Each count uses a partial index and does not scan finished jobs.
///
/// # Errors
/// If the database cannot be read.
pub async fn queue_health(queue: &Queue) -> Result<QueueHealth, Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE state = 'pending') AS "pending!",
             count(*) FILTER (WHERE state = 'running') AS "running!",
             count(*) FILTER (WHERE state = 'retrying') AS "retrying!",
             (SELECT count(*) FROM jobs WHERE waiting_for IS NOT NULL AND queue = $1) AS "waiting!",
             (SELECT count(*) FROM jobs WHERE state = 'dead' AND queue = $1) AS "dead!",
             (extract(epoch FROM min(due_at) FILTER (WHERE due_at <= now())) * 1000)::bigint AS oldest_ms
           FROM jobs WHERE queue = $1 AND state IN ('pending', 'running', 'retrying') AND waiting_for IS NULL"#,
        PIPELINE
    )
    .fetch_one(&queue.pool())
    .await?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(QueueHealth {
        pending: count(row.pending),
        running: count(row.running),
        retrying: count(row.retrying),
        waiting_for_connector: count(row.waiting),
        dead: count(row.dead),
        oldest_due: row.oldest_ms.map(Timestamp),
    })
}

/// Returns the workers that had a heartbeat in the last 24 hours, at most 200. Online workers come first.
///
/// # Errors
/// If the database cannot be read.
pub async fn workers(queue: &Queue) -> Result<Vec<WorkerHealth>, Error> {
    let rows = sqlx::query!(
        r#"SELECT name, last_seen_at > now() - $1::interval AS "is_online!",
             (extract(epoch FROM started_at) * 1000)::bigint AS "started_ms!",
             (extract(epoch FROM last_seen_at) * 1000)::bigint AS "last_seen_ms!"
           FROM workers WHERE last_seen_at > now() - interval '1 day'
           ORDER BY 2 DESC, started_at DESC, name LIMIT 200"#,
        interval(WORKER_TIMEOUT)
    )
    .fetch_all(&queue.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| WorkerHealth {
            name: row.name,
            started_at: Timestamp(row.started_ms),
            last_seen_at: Timestamp(row.last_seen_ms),
            is_online: row.is_online,
        })
        .collect())
}

/// Deletes the records of workers that had no heartbeat in the last 24 hours.
///
/// # Errors
/// If the database cannot be written.
pub async fn delete_stale_workers(queue: &Queue) -> Result<(), Error> {
    sqlx::query!("DELETE FROM workers WHERE last_seen_at < now() - interval '1 day'")
        .execute(&queue.pool())
        .await?;
    Ok(())
}
