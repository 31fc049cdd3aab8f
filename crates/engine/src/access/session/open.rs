use domain::{ErrorCode, paths::RequestKind};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::Employee,
    secret::{hash, new_token},
};

/// Opens a session of at most 8 hours and returns its token. Stores only the hash of the token. Deletes
/// expired sessions. `password_hash` is the hash of the password that was verified.
///
/// # Errors
/// `UNAUTHENTICATED` if the employee was disabled, or the password changed, since the password was verified.
/// A later change waits for the row locks of this statement, and then ends the new session.
pub(in crate::access) async fn open_session(
    executor: impl PgExecutor<'_>,
    user_id: Uuid,
    password_hash: &str,
) -> Result<SecretString, Error> {
    let token = new_token("");
    let opened = sqlx::query!(
        "WITH ended AS (DELETE FROM sessions WHERE expires_at < now())
         INSERT INTO sessions (token_hash, user_id, expires_at)
         SELECT $1, u.id, now() + interval '8 hours'
         FROM users u JOIN employees e ON e.user_id = u.id
         WHERE u.id = $2 AND u.password_hash = $3 AND e.status = 'active' FOR SHARE OF u, e",
        &hash(token.expose_secret())[..],
        user_id,
        password_hash
    )
    .execute(executor)
    .await?;
    if opened.rows_affected() == 1 { Ok(token) } else { Err(ErrorCode::Unauthenticated.into()) }
}

/// Returns the active employee of a session that is less than 8 hours old and was used in the last 30
/// minutes. A request that the user caused updates the time of the last use, at most once a minute.
///
/// # Errors
/// The database's error.
pub async fn find_session(
    engine: &Engine,
    token: &str,
    request: RequestKind,
) -> Result<Option<Employee>, Error> {
    let row = sqlx::query!(
        "WITH found AS (
             SELECT s.token_hash, s.last_seen_at, e.id, e.name, e.role
             FROM sessions s JOIN employees e ON e.user_id = s.user_id AND e.status = 'active'
             WHERE s.token_hash = $1 AND s.expires_at > now() AND s.last_seen_at > now() - interval '30 minutes'
         ), touched AS (
             UPDATE sessions SET last_seen_at = now()
             WHERE $2 AND token_hash = (SELECT token_hash FROM found WHERE last_seen_at < now() - interval '1 minute')
         )
         SELECT id, name, role FROM found",
        &hash(token)[..],
        request == RequestKind::User
    )
    .fetch_optional(&engine.pool())
    .await?;
    row.map(|row| Employee::from_row(row.id, row.name, &row.role)).transpose()
}
