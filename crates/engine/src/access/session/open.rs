use domain::paths::RequestKind;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Employee;
use crate::{
    Engine, Error,
    secret::{hash, new_token},
};

/// Opens a session of at most 8 hours and returns its token. Stores only the hash of the token. Deletes
/// expired sessions.
pub(super) async fn open_session(
    executor: impl PgExecutor<'_>,
    user_id: Uuid,
) -> Result<SecretString, Error> {
    let token = new_token("");
    sqlx::query!(
        "WITH ended AS (DELETE FROM sessions WHERE expires_at < now())
         INSERT INTO sessions (token_hash, user_id, expires_at) VALUES ($1, $2, now() + interval '8 hours')",
        &hash(token.expose_secret())[..],
        user_id
    )
    .execute(executor)
    .await?;
    Ok(token)
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

/// Ends a session. Does nothing if the session does not exist.
///
/// # Errors
/// The database's error.
pub async fn end_session(engine: &Engine, token: &str) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", &hash(token)[..])
        .execute(&engine.pool())
        .await?;
    Ok(())
}
