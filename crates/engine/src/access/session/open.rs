use domain::{ErrorCode, paths::RequestKind};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{Account, Employee, Person},
    secret::{hash, new_token},
};

/// Opens a session of at most 8 hours and returns its token. Stores only the hash of the token. Deletes
/// expired sessions. `password_hash` is the hash of the password that was verified.
///
/// # Errors
/// `UNAUTHENTICATED` if the account belongs to a disabled employee, or the password changed since it was
/// verified. A later change waits for the row locks of this statement, and then ends the new session.
pub(crate) async fn open_session(
    executor: impl PgExecutor<'_>,
    user_id: Uuid,
    password_hash: &str,
) -> Result<SecretString, Error> {
    let token = new_token("");
    let opened = sqlx::query!(
        "WITH ended AS (DELETE FROM sessions WHERE expires_at < now())
         INSERT INTO sessions (token_hash, user_id, expires_at)
         SELECT $1, u.id, now() + interval '8 hours' FROM users u
         WHERE u.id = $2 AND u.password_hash = $3
           AND (EXISTS (SELECT FROM employees e WHERE e.user_id = u.id AND e.status = 'active' FOR SHARE)
                OR NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id))
         FOR SHARE",
        &hash(token.expose_secret())[..],
        user_id,
        password_hash
    )
    .execute(executor)
    .await?;
    if opened.rows_affected() == 1 { Ok(token) } else { Err(ErrorCode::Unauthenticated.into()) }
}

/// Returns the person of a session that is less than 8 hours old and was used in the last 30 minutes. The
/// session of a disabled employee has ended. A request that the user caused updates the time of the last use,
/// at most once a minute.
///
/// # Errors
/// The database's error.
pub async fn find_session(
    engine: &Engine,
    token: &str,
    request: RequestKind,
) -> Result<Option<Person>, Error> {
    let row = sqlx::query!(
        r#"WITH found AS (
             SELECT s.token_hash, s.last_seen_at, u.id AS user_id, u.name AS user_name, u.email,
               e.id, e.name, e.role
             FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN employees e ON e.user_id = u.id
             WHERE s.token_hash = $1 AND s.expires_at > now() AND s.last_seen_at > now() - interval '30 minutes'
               AND (e.id IS NULL OR e.status = 'active')
         ), touched AS (
             UPDATE sessions SET last_seen_at = now()
             WHERE $2 AND token_hash = (SELECT token_hash FROM found WHERE last_seen_at < now() - interval '1 minute')
         )
         SELECT user_id, user_name, email, id AS "employee_id?", name AS "name?", role AS "role?" FROM found"#,
        &hash(token)[..],
        request == RequestKind::User
    )
    .fetch_optional(&engine.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let person = match (row.employee_id, row.name, row.role) {
        (Some(id), Some(name), Some(role)) => Person::Employee(Employee::from_row(id, name, &role)?),
        _ => Person::Account(Account { id: row.user_id, name: row.user_name, email: row.email }),
    };
    Ok(Some(person))
}

/// Records the client that opened a session, and the time at which its employee signed in. A separate statement,
/// because the session is opened in the transaction of a change that knows nothing of the client.
///
/// # Errors
/// The database's error.
pub async fn record_sign_in(
    engine: &Engine,
    token: &str,
    device: Option<&str>,
    address: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "WITH opened AS (
             UPDATE sessions SET device = left($2, 100), address = left(nullif($3, ''), 100) WHERE token_hash = $1
             RETURNING user_id
         )
         UPDATE employees SET last_sign_in_at = now() WHERE user_id = (SELECT user_id FROM opened)",
        &hash(token)[..],
        device,
        address
    )
    .execute(&engine.pool())
    .await?;
    Ok(())
}
