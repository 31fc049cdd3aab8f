use database::Transaction;
use domain::{ErrorCode, Timestamp, password::Password};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    Actor, Employee, actor::lock_access, audit::employee_change, is_first_admin_link_valid, password, session,
};
use crate::{
    Engine, Error,
    secret::{hash, new_token},
};

/// The token of an employee's setup link. The caller shows the link once, because only the hash is stored.
#[derive(Debug)]
pub struct SetupLinkToken {
    /// The token, which is the last segment of the link.
    pub token: SecretString,
    /// When the link expires.
    pub expires_at: Timestamp,
}

/// The form that a setup link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupLink {
    /// The form that creates the first SUPER_ADMIN.
    FirstAdmin,
    /// The form in which a new employee chooses the password.
    Employee {
        /// The name of the employee.
        name: String,
        /// The e-mail address to sign in with.
        email: String,
    },
}

/// Issues the setup link of an account, which is valid for 7 days and replaces earlier ones.
pub(super) async fn issue_setup_link(
    transaction: &mut Transaction,
    user_id: Uuid,
) -> Result<SetupLinkToken, Error> {
    delete_setup_links(transaction, user_id).await?;
    let token = new_token("");
    let expires_ms = sqlx::query_scalar!(
        r#"INSERT INTO one_time_tokens (token_hash, purpose, user_id, expires_at)
           VALUES ($1, 'employee_setup', $2, now() + interval '7 days')
           RETURNING (extract(epoch FROM expires_at) * 1000)::bigint AS "expires_ms!""#,
        &hash(token.expose_secret())[..],
        user_id
    )
    .fetch_one(transaction)
    .await?;
    Ok(SetupLinkToken { token, expires_at: Timestamp(expires_ms) })
}

/// Deletes the setup link of an account, unless it was used.
pub(super) async fn delete_setup_links(transaction: &mut Transaction, user_id: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = 'employee_setup' AND used_at IS NULL",
        user_id
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Ends the setup link of an account, and returns whether there was one. Its mail is cancelled by a trigger.
pub(super) async fn revoke_setup_link(transaction: &mut Transaction, user_id: Uuid) -> Result<bool, Error> {
    let revoked = sqlx::query!(
        "UPDATE one_time_tokens SET revoked_at = now(), expires_at = least(expires_at, now())
         WHERE user_id = $1 AND purpose = 'employee_setup' AND used_at IS NULL AND revoked_at IS NULL",
        user_id
    )
    .execute(transaction)
    .await?;
    Ok(revoked.rows_affected() > 0)
}

/// Returns the form that a setup link opens. `None` if the link is used, expired or unknown, or if the
/// employee is disabled.
///
/// # Errors
/// The database's error.
pub async fn find_setup_link(engine: &Engine, token: &str) -> Result<Option<SetupLink>, Error> {
    let row = sqlx::query!(
        "SELECT u.name, u.email FROM one_time_tokens o JOIN users u ON u.id = o.user_id
           JOIN employees e ON e.user_id = u.id AND e.status = 'active'
         WHERE o.token_hash = $1 AND o.purpose = 'employee_setup' AND o.used_at IS NULL AND o.expires_at > now()",
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?;
    match row {
        Some(row) => Ok(Some(SetupLink::Employee { name: row.name, email: row.email })),
        None => Ok(is_first_admin_link_valid(engine, token).await?.then_some(SetupLink::FirstAdmin)),
    }
}

/// Sets the password of a new employee and signs the employee in. The link works once, even if two calls use
/// the link at the same time. Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired or unknown link, or if the employee is disabled; the database's
/// error.
pub async fn accept_setup_link(
    engine: &Engine,
    token: &str,
    secret: &Password,
) -> Result<SecretString, Error> {
    let password_hash = password::hash(engine, secret).await?;
    let mut transaction = engine.pool().begin().await?;
    // Waits for a transaction that disables the employee at the same time.
    lock_access(&mut transaction).await?;
    let row = sqlx::query!(
        r#"WITH used AS (
             UPDATE one_time_tokens o SET used_at = now() FROM employees e
             WHERE o.token_hash = $1 AND o.purpose = 'employee_setup' AND o.used_at IS NULL AND o.expires_at > now()
               AND e.user_id = o.user_id AND e.status = 'active'
             RETURNING o.user_id, e.id, e.name, e.role
         ), changed AS (
             UPDATE users SET password_hash = $2 WHERE id = (SELECT user_id FROM used)
         )
         SELECT user_id AS "user_id!", id, name, role FROM used"#,
        &hash(token)[..],
        password_hash
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let actor = Actor::Employee(Employee::from_row(row.id, row.name, &row.role)?);
    employee_change("employee.joined", row.id).record(&mut transaction, &actor).await?;
    let session = session::open_session(&mut transaction, row.user_id, &password_hash).await?;
    transaction.commit().await?;
    Ok(session)
}
