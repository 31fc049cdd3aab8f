use secrecy::{ExposeSecret, SecretString};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Principal;
use crate::{
    Engine, Error,
    secret::{hash, new_token},
};

/// Opens a session of 8 hours at most and returns its token; only the hash is
/// stored. Clears away those that have ended.
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

/// Who sends a request with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    Person,
    /// A page that was left open: no use of the session.
    Page,
}

/// The employee whose session this is, if it is younger than 8 hours, was used by a person in the
/// last 30 minutes, and they are still active. Notes its use, once a minute at most.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find_session(
    engine: &Engine,
    token: &str,
    asked_by: AskedBy,
) -> Result<Option<Principal>, Error> {
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
        asked_by == AskedBy::Person
    )
    .fetch_optional(&engine.pool())
    .await?;
    row.map(|row| Principal::from_row(row.id, row.name, &row.role)).transpose()
}

/// Ends a session; ending one that is not there changes nothing.
///
/// # Errors
/// When the database cannot be asked.
pub async fn end_session(engine: &Engine, token: &str) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", &hash(token)[..])
        .execute(&engine.pool())
        .await?;
    Ok(())
}
