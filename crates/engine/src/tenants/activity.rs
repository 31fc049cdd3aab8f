//! What happened in a tenant, for its own members.

use domain::{
    Timestamp,
    activity::{
        ActivityEntry, ActivityPage, PLATFORM, SUPPORT, activity_actions, activity_changes, activity_text,
    },
};

use sqlx::PgExecutor;
use uuid::Uuid;

use super::scope::{Access, TenantCaller};
use crate::{Engine, Error};

/// Returns at most `limit` entries of a tenant's activity with an ID below `before`, newest first. Employees of
/// the platform have no names there.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn list_activity(
    engine: &Engine,
    by: &TenantCaller,
    before: Option<i64>,
    limit: u8,
) -> Result<ActivityPage, Error> {
    let tenant = by.run(engine, Access::Read, async |scope| Ok((scope.tenant.id, scope.tenant.request_id)));
    // A transaction of a member sees no rows of the audit log.
    let (tenant_id, request_id) = tenant.await?;
    read(&engine.pool(), tenant_id, request_id, before, limit).await
}

async fn read(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    request_id: Uuid,
    before: Option<i64>,
    limit: u8,
) -> Result<ActivityPage, Error> {
    let actions: Vec<String> = activity_actions().map(str::to_owned).collect();
    // Each branch reads its index backwards. One more row shows whether another page follows.
    let rows = sqlx::query!(
        r#"SELECT entry.id AS "id!", (extract(epoch FROM entry.at) * 1000)::bigint AS "at_ms!",
             entry.actor_id IS NULL AS "is_operator!", entry.actor_name AS "actor_name!",
             EXISTS (SELECT FROM employees e WHERE e.id = entry.actor_id) AS "is_employee!",
             entry.action AS "action!", entry.before, entry.after
           FROM (
               (SELECT * FROM audit_log
                WHERE request_id = $1 AND subject_kind = 'tenant' AND action = ANY ($3) AND id < $4
                ORDER BY id DESC LIMIT $5)
               UNION ALL
               (SELECT * FROM audit_log
                WHERE request_id IS NULL AND subject_kind = 'tenant' AND subject_id = $2 AND action = ANY ($3)
                  AND id < $4
                ORDER BY id DESC LIMIT $5)) entry
           ORDER BY entry.id DESC LIMIT $5"#,
        request_id,
        tenant_id,
        &actions,
        before.unwrap_or(i64::MAX),
        i64::from(limit) + 1
    )
    .fetch_all(executor)
    .await?;
    let has_more = rows.len() > usize::from(limit);
    let entries: Vec<_> = rows
        .into_iter()
        .take(limit.into())
        .map(|row| ActivityEntry {
            id: row.id,
            at: Timestamp(row.at_ms),
            who: match (row.is_employee, row.is_operator) {
                (true, _) => SUPPORT.to_owned(),
                (_, true) => PLATFORM.to_owned(),
                _ => row.actor_name,
            },
            what: activity_text(&row.action, row.before.as_ref(), row.after.as_ref()),
            changes: activity_changes(row.before.as_ref(), row.after.as_ref()),
        })
        .collect();
    let next = entries.last().filter(|_| has_more).map(|entry| entry.id);
    Ok(ActivityPage { entries, next })
}
