//! Ensures that at most one rollback or action of an admin runs on a job. Workers do not need this lock,
//! because a rollback marks the job as dead, and workers never claim dead jobs.

use std::{future::Future, time::Duration};

use domain::ErrorCode;
use sqlx::PgConnection;
use tokio::time::timeout;
use uuid::Uuid;

use crate::{Error, Queue};

/// How long it may take to acquire a lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the release of a lock may take, so that a broken connection does not delay the result.
const UNLOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs `action` while this process holds the lock of a job.
///
/// # Errors
/// `INVALID_TRANSITION` if another action holds the lock; the errors of `action`.
pub(crate) async fn with_lock<T>(
    queue: &Queue,
    job_id: Uuid,
    action: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let connection =
        timeout(LOCK_TIMEOUT, lock(queue, job_id)).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    let result = action.await;
    unlock(connection).await;
    result
}

/// Opens a connection that holds the lock of a job until [`unlock`] or until the connection closes. If
/// this machine fails, the server closes the connection after about 25 s.
async fn lock(queue: &Queue, job_id: Uuid) -> Result<PgConnection, Error> {
    let mut connection = queue.database.connect().await?;
    let keepalives =
        "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";
    sqlx::raw_sql(keepalives).execute(&mut connection).await?;
    let acquired = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_lock(hashtextextended('job ' || $1::uuid, 0)) AS "acquired!""#,
        job_id
    )
    .fetch_one(&mut connection)
    .await?;
    match acquired {
        true => Ok(connection),
        false => Err(Error::Refused(ErrorCode::InvalidTransition)),
    }
}

/// Releases the lock of a job. Dropping the connection also releases it, but only when the server
/// notices the closed socket. Until then, the server would refuse an immediate retry with
/// `INVALID_TRANSITION`.
async fn unlock(mut connection: PgConnection) {
    let statement = sqlx::raw_sql("SELECT pg_advisory_unlock_all()").execute(&mut connection);
    // After an error or a timeout, the connection is dropped, and the server releases the lock later.
    let _ = timeout(UNLOCK_TIMEOUT, statement).await;
}
