use domain::{ErrorCode, Role, email::Email, password::Password};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Postgres, Transaction};

use super::{NewEmployee, employee, password, session};
use crate::{
    Engine, Error,
    secret::{hash, new_token},
};

/// A fresh one-time token for making the first SUPER_ADMIN, good for a day; earlier ones are
/// void. None once there is a SUPER_ADMIN.
///
/// # Errors
/// When the database cannot be asked.
pub async fn issue_first_admin_link(engine: &Engine) -> Result<Option<SecretString>, Error> {
    let token = new_token("");
    let mut transaction = engine.pool().begin().await?;
    one_at_a_time(&mut transaction).await?;
    sqlx::query!("DELETE FROM one_time_tokens WHERE purpose = 'first_admin'")
        .execute(&mut *transaction)
        .await?;
    let issued = sqlx::query!(
        "INSERT INTO one_time_tokens (token_hash, purpose, expires_at)
         SELECT $1, 'first_admin', now() + interval '1 day'
         WHERE NOT EXISTS (SELECT FROM employees WHERE role = 'SUPER_ADMIN' AND kind = 'person')",
        &hash(token.expose_secret())[..]
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok((issued.rows_affected() == 1).then_some(token))
}

/// Of several servers that start, and several who open the link, one goes first.
async fn one_at_a_time(transaction: &mut Transaction<'_, Postgres>) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(7302)").fetch_one(&mut **transaction).await?;
    Ok(())
}

/// Whether the link can still be used.
///
/// # Errors
/// When the database cannot be asked.
pub async fn first_admin_link_is_good(engine: &Engine, token: &str) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM one_time_tokens
             WHERE token_hash = $1 AND purpose = 'first_admin' AND used_at IS NULL AND expires_at > now()
               AND NOT EXISTS (SELECT FROM employees WHERE role = 'SUPER_ADMIN' AND kind = 'person')) AS "good!""#,
        &hash(token)[..]
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(found)
}

/// Makes the first SUPER_ADMIN and signs them in. The link works once, whatever runs beside it.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a link that is used, old or unknown; `EMAIL_UNAVAILABLE`.
pub async fn accept_first_admin(
    engine: &Engine,
    token: &str,
    name: &str,
    email: &Email,
    secret: &Password,
) -> Result<SecretString, Error> {
    // Hashing is dear, and this address is open to all: only those with a good link get to it.
    if !first_admin_link_is_good(engine, token).await? {
        return Err(ErrorCode::ResourceNotFound.into());
    }
    let password_hash = password::hash(engine, secret).await?;
    let mut transaction = engine.pool().begin().await?;
    one_at_a_time(&mut transaction).await?;
    let used = sqlx::query!(
        "UPDATE one_time_tokens SET used_at = now()
         WHERE token_hash = $1 AND purpose = 'first_admin' AND used_at IS NULL AND expires_at > now()
           AND NOT EXISTS (SELECT FROM employees WHERE role = 'SUPER_ADMIN' AND kind = 'person')",
        &hash(token)[..]
    )
    .execute(&mut *transaction)
    .await?;
    if used.rows_affected() != 1 {
        return Err(ErrorCode::ResourceNotFound.into());
    }
    let new = NewEmployee { name, email, password: secret, role: Role::SuperAdmin };
    let (user_id, _) = employee::insert_person(&mut transaction, &new, &password_hash).await?;
    let session = session::open_session(&mut *transaction, user_id).await?;
    transaction.commit().await?;
    Ok(session)
}
