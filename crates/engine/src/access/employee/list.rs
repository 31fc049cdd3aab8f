use domain::{
    ErrorCode, Role, Timestamp,
    access::{EmployeeStatus, EmployeeSummary, SetupInvitation},
    email::Email,
    invitation::InvitationStatus,
};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::Actor,
    page::{Cursor, Page, PageRequest},
};

/// A row of the query for employees.
struct EmployeeRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    email: String,
    role: String,
    status: String,
    has_password: bool,
    sessions: i64,
    tokens: i64,
    last_seen_ms: Option<i64>,
    setup_status: Option<String>,
    setup_sent_ms: Option<i64>,
    setup_expires_ms: Option<i64>,
    created_us: i64,
}

impl EmployeeRow {
    fn into_summary(self) -> Result<EmployeeSummary, Error> {
        let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        let status = self.setup_status.map(|status| {
            InvitationStatus::from_text(&status).ok_or_else(|| Error::unexpected("status", &status))
        });
        let (sent_at, expires_at) = (self.setup_sent_ms.map(Timestamp), self.setup_expires_ms.map(Timestamp));
        let invitation = status.transpose()?.map(|status| SetupInvitation { status, sent_at, expires_at });
        Ok(EmployeeSummary {
            invitation,
            sessions: count(self.sessions),
            tokens: count(self.tokens),
            last_seen_at: self.last_seen_ms.map(Timestamp),
            id: self.id,
            name: self.name,
            email: self.email,
            role: Role::from_text(&self.role).ok_or_else(|| Error::unexpected("role", &self.role))?,
            status: EmployeeStatus::from_text(&self.status)
                .ok_or_else(|| Error::unexpected("status", &self.status))?,
            has_password: self.has_password,
            created_at: Timestamp::from_microseconds(self.created_us),
        })
    }
}

/// Returns one page of the employees who are persons, newest first, to a SUPER_ADMIN, an ADMIN or the operator.
///
/// # Errors
/// `FORBIDDEN`; the database's error.
pub async fn list_employees(
    engine: &Engine,
    actor: &Actor,
    page: PageRequest,
) -> Result<Page<EmployeeSummary>, Error> {
    actor.require_sight_of_employees()?;
    let rows = read_rows(&engine.pool(), None, page).await?;
    Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id })
        .try_map(EmployeeRow::into_summary)
}

/// Returns an employee who is a person, with the ID of the account.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; the database's error.
pub(in crate::access) async fn find_employee(
    executor: impl PgExecutor<'_>,
    id: Uuid,
) -> Result<(EmployeeSummary, Uuid), Error> {
    let rows = read_rows(executor, Some(id), PageRequest::default()).await?;
    let row = rows.into_iter().next().ok_or(ErrorCode::ResourceNotFound)?;
    let user_id = row.user_id;
    Ok((row.into_summary()?, user_id))
}

/// Reads the rows of a page, newest first. With an `id`, at most the row of this employee.
async fn read_rows(
    executor: impl PgExecutor<'_>,
    id: Option<Uuid>,
    page: PageRequest,
) -> Result<Vec<EmployeeRow>, Error> {
    let rows = sqlx::query_as!(
        EmployeeRow,
        r#"SELECT e.id, u.id AS user_id, e.name, u.email, e.role, e.status,
             u.password_hash IS NOT NULL AS "has_password!",
             (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.expires_at > now()
                AND s.last_seen_at > now() - interval '30 minutes') AS "sessions!",
             (SELECT count(*) FROM admin_tokens t WHERE t.revoked_at IS NULL AND t.expires_at > now()
                AND t.employee_id IN (SELECT services_of(e.id))) AS "tokens!",
             (extract(epoch FROM greatest(e.last_sign_in_at, (
                SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id
             ))) * 1000)::bigint AS last_seen_ms,
             CASE WHEN u.password_hash IS NULL THEN member_status(NULL, o) END AS setup_status,
             (extract(epoch FROM o.created_at) * 1000)::bigint AS "setup_sent_ms?",
             (extract(epoch FROM o.expires_at) * 1000)::bigint AS "setup_expires_ms?",
             (extract(epoch FROM e.created_at) * 1000000)::bigint AS "created_us!"
           FROM employees e JOIN users u ON u.id = e.user_id
             LEFT JOIN one_time_tokens o ON o.user_id = u.id AND o.purpose = 'employee_setup' AND o.used_at IS NULL
           WHERE ($1::uuid IS NULL OR e.id = $1) AND ($2::bigint IS NULL
             OR (e.created_at, e.id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3::uuid))
           ORDER BY e.created_at DESC, e.id DESC LIMIT $4"#,
        id,
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(executor)
    .await?;
    Ok(rows)
}

/// Returns the employee with this e-mail address, for the operator.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; the database's error.
pub async fn find_employee_by_email(engine: &Engine, email: &Email) -> Result<EmployeeSummary, Error> {
    let id = sqlx::query_scalar!(
        "SELECT e.id FROM employees e JOIN users u ON u.id = e.user_id WHERE u.email_canonical = $1",
        email.canonical()
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    Ok(find_employee(&engine.pool(), id).await?.0)
}
