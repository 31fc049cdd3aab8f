use domain::{Role, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::Employee;
use crate::{
    Engine, Error,
    secret::{hash, new_token},
};

/// The prefix of every admin token. Secret scanners recognise admin tokens by this prefix.
const PREFIX: &str = "tnt_admin_";

/// A new admin token. The caller shows the token once, because only its hash is stored.
#[derive(Debug)]
pub struct IssuedToken {
    /// The id of the token.
    pub id: Uuid,
    /// The token itself, including its prefix.
    pub token: SecretString,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// Creates a service employee and its token, which is valid for `days` days. Stores only the hash of the
/// token.
///
/// # Errors
/// The database's error.
pub async fn create_token(engine: &Engine, name: &str, role: Role, days: u16) -> Result<IssuedToken, Error> {
    let token = new_token(PREFIX);
    let row = sqlx::query!(
        r#"WITH service AS (
             INSERT INTO employees (id, kind, name, role) VALUES ($1, 'service', $2, $3) RETURNING id
         ), audited AS (
             INSERT INTO audit_log (actor_name, action, subject_kind, subject_id, after)
             SELECT 'operator', 'token.created', 'employee', id, jsonb_build_object('name', $2::text, 'role', $3::text) FROM service
         )
         INSERT INTO admin_tokens (id, token_hash, employee_id, expires_at)
         SELECT $4, $5, id, now() + make_interval(days => $6) FROM service
         RETURNING id, (extract(epoch FROM expires_at) * 1000)::bigint AS "expires_ms!""#,
        Uuid::now_v7(),
        name,
        role.as_str(),
        Uuid::now_v7(),
        &hash(token.expose_secret())[..],
        i32::from(days)
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(IssuedToken { id: row.id, token, expires_at: Timestamp(row.expires_ms) })
}

/// Returns the active service employee of a token that is neither expired nor revoked. Records the time of
/// use, at most once a minute.
///
/// # Errors
/// The database's error.
pub async fn find_token(engine: &Engine, token: &str) -> Result<Option<Employee>, Error> {
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"SELECT id AS "id!", name AS "name!", role AS "role!" FROM authenticate_token($1) WHERE id IS NOT NULL"#,
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?;
    row.map(|row| Employee::from_row(row.id, row.name, &row.role)).transpose()
}
