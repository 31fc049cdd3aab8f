//! The retention (`docs/specification.md`, section 9): removes personal data of old requests and attempts,
//! the attempts of old jobs, and old messages of the outbox.
//!
//! A batch is one statement with its own transaction, and commits all its changes or none. Partial indexes
//! find the rows that are not processed yet, so the next run continues an interrupted one.

use std::time::Duration;

use sqlx::postgres::types::PgInterval;

use crate::{Engine, Error, interval::interval};

/// The number of rows of a batch. A batch takes about 0.2 s on two busy processors, so that a call that needs
/// one of its rows waits for less than the lock timeout.
const BATCH_ROWS: i32 = 500;
/// The pause between two batches, in which other statements use the database.
const PAUSE: Duration = Duration::from_millis(50);

/// How many rows the retention changed, or would change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionReport {
    /// Failed and rolled-back requests whose personal data was removed. Their jobs were deleted.
    pub redacted_requests: u64,
    /// Request attempts whose message was removed.
    pub redacted_attempts: u64,
    /// Jobs whose step attempts were deleted.
    pub cleaned_jobs: u64,
    /// Messages of the outbox that were deleted.
    pub deleted_messages: u64,
}

/// The rows that a batch processes.
#[derive(Debug, Clone, Copy)]
enum Rows {
    Requests,
    Attempts,
    Jobs,
    Messages,
}

/// Processes rows that are older than `retention`, in at most `max_batches` batches for each kind of rows.
///
/// # Errors
/// The database's error. The changes of earlier batches remain.
pub(super) async fn apply_retention(
    engine: &Engine,
    retention: Duration,
    max_batches: usize,
) -> Result<RetentionReport, Error> {
    let age = interval(retention)?;
    Ok(RetentionReport {
        redacted_attempts: run_batches(engine, Rows::Attempts, age, max_batches).await?,
        redacted_requests: run_batches(engine, Rows::Requests, age, max_batches).await?,
        cleaned_jobs: run_batches(engine, Rows::Jobs, age, max_batches).await?,
        deleted_messages: run_batches(engine, Rows::Messages, age, max_batches).await?,
    })
}

/// Runs batches until one is not full, and returns the number of rows.
async fn run_batches(engine: &Engine, rows: Rows, age: PgInterval, max_batches: usize) -> Result<u64, Error> {
    let mut total = 0;
    for _ in 0..max_batches {
        let count = run_batch(engine, rows, age).await?;
        total += u64::from(count.unsigned_abs());
        if count < BATCH_ROWS {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(total)
}

async fn run_batch(engine: &Engine, rows: Rows, age: PgInterval) -> Result<i32, sqlx::Error> {
    let (pool, limit) = (engine.pool(), BATCH_ROWS);
    match rows {
        Rows::Requests => {
            sqlx::query_scalar!(r#"SELECT redact_requests(now() - $1::interval, $2) AS "count!""#, age, limit)
                .fetch_one(&pool)
                .await
        }
        Rows::Attempts => {
            sqlx::query_scalar!(r#"SELECT redact_attempts(now() - $1::interval, $2) AS "count!""#, age, limit)
                .fetch_one(&pool)
                .await
        }
        Rows::Messages => {
            sqlx::query_scalar!(r#"SELECT delete_messages(now() - $1::interval, $2) AS "count!""#, age, limit)
                .fetch_one(&pool)
                .await
        }
        Rows::Jobs => {
            sqlx::query_scalar!(
                r#"SELECT delete_step_attempts(now() - $1::interval, $2) AS "count!""#,
                age,
                limit
            )
            .fetch_one(&pool)
            .await
        }
    }
}

/// Counts the rows that [`apply_retention`] would change.
///
/// # Errors
/// The database's error.
pub(super) async fn preview_retention(
    engine: &Engine,
    retention: Duration,
) -> Result<RetentionReport, Error> {
    let row = sqlx::query!(
        r#"SELECT
             (SELECT count(*) FROM provisioning_requests WHERE status IN ('failed', 'rolled_back')
                AND redacted_at IS NULL AND finished_at < now() - $1::interval) AS "requests!",
             (SELECT count(*) FROM provisioning_attempts
              WHERE message IS NOT NULL AND finished_at < now() - $1::interval) AS "attempts!",
             -- The job of a rolled-back request is deleted with the personal data of the request.
             (SELECT count(*) FROM jobs
              WHERE (state IN ('succeeded', 'compensated') OR (state = 'skipped' AND NOT creates_tenant))
                AND attempts_deleted_at IS NULL AND finished_at < now() - $1::interval
                AND (state <> 'compensated' OR request_id IS NULL)) AS "jobs!",
             (SELECT count(*) FROM outbox_messages
              WHERE finished_at < least(now() - $1::interval, now() - interval '30 days')) AS "messages!""#,
        interval(retention)?
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(RetentionReport {
        redacted_requests: row.requests.unsigned_abs(),
        redacted_attempts: row.attempts.unsigned_abs(),
        cleaned_jobs: row.jobs.unsigned_abs(),
        deleted_messages: row.messages.unsigned_abs(),
    })
}
