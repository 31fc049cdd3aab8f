use database::Transaction;
use domain::{ErrorCode, Role, email::Email, password::Password};
use secrecy::{ExposeSecret, SecretString};

use super::{Actor, employee, password, session};
use crate::{
    Engine, Error,
    secret::{hash, new_token},
};

/// Issues a one-time token for creating the first SUPER_ADMIN. The token is valid for a day; earlier tokens
/// become invalid. Returns `None` if a SUPER_ADMIN can sign in.
///
/// # Errors
/// The database's error.
pub async fn issue_first_admin_link(engine: &Engine) -> Result<Option<SecretString>, Error> {
    let token = new_token("");
    let mut transaction = engine.pool().begin().await?;
    lock_first_admin(&mut transaction).await?;
    sqlx::query!("DELETE FROM one_time_tokens WHERE purpose = 'first_admin'")
        .execute(&mut transaction)
        .await?;
    let issued = sqlx::query!(
        "INSERT INTO one_time_tokens (token_hash, purpose, expires_at)
         SELECT $1, 'first_admin', now() + interval '1 day'
         WHERE NOT super_admin_can_sign_in()",
        &hash(token.expose_secret())[..]
    )
    .execute(&mut transaction)
    .await?;
    transaction.commit().await?;
    Ok((issued.rows_affected() == 1).then_some(token))
}

/// Serialises all transactions that issue or use a link. Several servers may start, and issue a link, at the
/// same time.
async fn lock_first_admin(transaction: &mut Transaction) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(7302)").fetch_one(transaction).await?;
    Ok(())
}

/// Returns whether the link can still be used.
///
/// # Errors
/// The database's error.
pub async fn is_first_admin_link_valid(engine: &Engine, token: &str) -> Result<bool, Error> {
    let is_valid = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM one_time_tokens
             WHERE token_hash = $1 AND purpose = 'first_admin' AND used_at IS NULL AND expires_at > now()
               AND NOT super_admin_can_sign_in()) AS "is_valid!""#,
        &hash(token)[..]
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(is_valid)
}

/// Creates the first SUPER_ADMIN and signs them in. The link works once, even if two calls use the link at
/// the same time. Audited: the first admin is the actor.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired or unknown link; `EMAIL_UNAVAILABLE`.
pub async fn accept_first_admin(
    engine: &Engine,
    token: &str,
    name: &str,
    email: &Email,
    secret: &Password,
) -> Result<SecretString, Error> {
    // Anyone can send this request. Hashing is expensive, so the link is checked first.
    if !is_first_admin_link_valid(engine, token).await? {
        return Err(ErrorCode::ResourceNotFound.into());
    }
    let password_hash = password::hash(engine, secret).await?;
    let mut transaction = engine.pool().begin().await?;
    lock_first_admin(&mut transaction).await?;
    let used = sqlx::query!(
        "UPDATE one_time_tokens SET used_at = now()
         WHERE token_hash = $1 AND purpose = 'first_admin' AND used_at IS NULL AND expires_at > now()
           AND NOT super_admin_can_sign_in()",
        &hash(token)[..]
    )
    .execute(&mut transaction)
    .await?;
    if used.rows_affected() != 1 {
        return Err(ErrorCode::ResourceNotFound.into());
    }
    let person =
        employee::Person { name, email, role: Role::SuperAdmin, password_hash: Some(&password_hash) };
    let (user_id, admin) = employee::insert_employee(&mut transaction, &person).await?;
    employee::record_created(&mut transaction, &admin, &Actor::from(admin.clone())).await?;
    let session = session::open_session(&mut transaction, user_id, &password_hash).await?;
    transaction.commit().await?;
    Ok(session)
}
