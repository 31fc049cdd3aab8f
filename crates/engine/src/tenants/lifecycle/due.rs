//! What maintenance changes on a date: the end of a trial, the retry of a dead lifecycle job, and the purge
//! of a deleted tenant.

use database::Loggable;
use uuid::Uuid;

use super::{change::Change, suspend::suspend};
use crate::{Engine, Error, access::Actor};

/// How many tenants of each kind a maintenance run changes at most.
const LIMIT: i64 = 100;

/// Returns active tenants whose trial has ended.
pub(crate) async fn ended_trials(engine: &Engine) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM tenants WHERE status = 'active' AND trial_ends_at <= now() ORDER BY trial_ends_at LIMIT $1",
        LIMIT
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(ids)
}

/// Suspends the tenants whose trial has ended, and returns their IDs. Audited. The next run repeats a change
/// that fails.
pub(crate) async fn end_trials(engine: &Engine) -> Result<Vec<Uuid>, Error> {
    let mut suspended = Vec::new();
    for id in ended_trials(engine).await? {
        match end_trial(engine, id).await {
            Ok(is_suspended) => suspended.extend(is_suspended.then_some(id)),
            Err(error) => tracing::warn!(tenant.id = %id, ?error, "a trial could not be ended"),
        }
    }
    Ok(suspended)
}

/// Suspends a tenant, unless an admin has changed it since its ID was read.
async fn end_trial(engine: &Engine, id: Uuid) -> Result<bool, Error> {
    let mut change = Change::begin(engine, &Actor::Maintenance, id).await?;
    let is_due = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM tenants WHERE id = $1 AND status = 'active'
                 AND trial_ends_at <= clock_timestamp()) AS "is_due!""#,
        id
    )
    .fetch_one(&mut change.transaction)
    .await?;
    if is_due {
        suspend(change, "The trial has ended.").await?;
    }
    Ok(is_due)
}

/// Retries lifecycle jobs that have been dead for a day. The next run retries more of them.
pub(crate) async fn retry_lifecycle_jobs(engine: &Engine) -> Result<(), Error> {
    sqlx::query_scalar!("SELECT retry_lifecycle_jobs($1)", LIMIT as i32).fetch_one(&engine.pool()).await?;
    Ok(())
}

/// Returns deleted tenants that can no longer be restored and whose purge has not begun or has been dead for
/// a day.
pub(crate) async fn due_purges(engine: &Engine) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT t.id FROM tenants t
         WHERE t.deleted_at <= now() - interval '30 days' AND t.deleted_at IS NOT NULL AND t.purged_at IS NULL
           AND NOT EXISTS (SELECT FROM jobs j WHERE j.tenant_id = t.id AND j.kind = 'purge'
               AND (j.state <> 'dead' OR j.dead_at > now() - interval '1 day'))
         ORDER BY t.deleted_at LIMIT $1",
        LIMIT
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(ids)
}

/// Enqueues the jobs that purge these tenants, and returns their IDs. The next run repeats a change that
/// fails.
pub(crate) async fn begin_purges(engine: &Engine) -> Result<Vec<Uuid>, Error> {
    let mut begun = Vec::new();
    for id in due_purges(engine).await? {
        let is_new = sqlx::query_scalar!(r#"SELECT begin_purge($1) AS "is_new!""#, id);
        match is_new.fetch_one(&engine.pool()).await {
            Ok(is_new) => begun.extend(is_new.then_some(id)),
            Err(error) => {
                tracing::warn!(tenant.id = %id, error = ?Loggable(&error), "a purge could not begin")
            }
        }
    }
    Ok(begun)
}
