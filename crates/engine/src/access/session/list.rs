use domain::{
    Timestamp,
    access::{EmployeeName, SessionSummary},
};
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{Actor, Employee},
    page::{Cursor, Page, PageRequest},
    secret::hash,
};

/// Returns one page of the sessions that have not ended, newest first. A SUPER_ADMIN and the operator see
/// the sessions of all employees; other actors see only their own. `current` is the token of the caller's
/// session.
///
/// # Errors
/// The database's error.
pub async fn list_sessions(
    engine: &Engine,
    actor: &Actor,
    current: Option<&str>,
    page: PageRequest,
) -> Result<Page<SessionSummary>, Error> {
    list(engine, actor.own_id(), current, page).await
}

/// Like [`list_sessions`], but only the sessions of this employee.
///
/// # Errors
/// The database's error.
pub async fn list_own_sessions(
    engine: &Engine,
    employee: &Employee,
    current: Option<&str>,
    page: PageRequest,
) -> Result<Page<SessionSummary>, Error> {
    list(engine, Some(employee.id), current, page).await
}

/// The sessions of one employee, or of all.
async fn list(
    engine: &Engine,
    employee_id: Option<Uuid>,
    current: Option<&str>,
    page: PageRequest,
) -> Result<Page<SessionSummary>, Error> {
    let current = current.map(hash);
    let rows = sqlx::query!(
        r#"SELECT s.id, e.id AS employee_id, e.name, s.device, s.address, s.token_hash = $2 IS TRUE AS "is_current!",
             (extract(epoch FROM s.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM s.last_seen_at) * 1000)::bigint AS "last_seen_ms!",
             (extract(epoch FROM s.expires_at) * 1000)::bigint AS "expires_ms!"
           FROM sessions s JOIN employees e ON e.user_id = s.user_id AND e.status = 'active'
           WHERE s.expires_at > now() AND s.last_seen_at > now() - interval '30 minutes'
             AND ($1::uuid IS NULL OR e.id = $1)
             AND ($3::bigint IS NULL
               OR (s.created_at, s.id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4::uuid))
           ORDER BY s.created_at DESC, s.id DESC LIMIT $5"#,
        employee_id,
        current.as_ref().map(|hash| &hash[..]),
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(&engine.pool())
    .await?;
    let page = Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id });
    page.try_map(|row| {
        Ok(SessionSummary {
            id: row.id,
            employee: EmployeeName { id: row.employee_id, name: row.name },
            created_at: Timestamp::from_microseconds(row.created_us),
            last_seen_at: Timestamp(row.last_seen_ms),
            expires_at: Timestamp(row.expires_ms),
            device: row.device,
            client_address: row.address,
            is_current: row.is_current,
        })
    })
}
