//! Links with which a person who forgot the password chooses a new one.

use database::Transaction;
use domain::{
    ErrorCode, Problem, Timestamp, access::EmployeeStatus, email::Email, mail::MailContent,
    password::Password,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{
    Actor, address_change,
    audit::{AuditActor, AuditedChange, account_change, employee_change},
    employee::find_employee,
    password,
    session::{end_sessions_of, open_session},
    setup_link::delete_setup_links,
    throttle,
    throttle_limits::PASSWORD_RESET,
};
use crate::{
    Engine, Error,
    mail::{self, NewMessage},
    secret::{hash, new_token},
};

/// How long a link works.
const LIFE_MINUTES: i32 = 60;
/// How long after a link no other one is sent to the account.
const PAUSE_SECONDS: i32 = 60;

/// The account of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordReset {
    /// The name of the person.
    pub name: String,
    /// The e-mail address to sign in with.
    pub email: String,
}

/// Sends a link to the account with this address, if there is one that may sign in. The result and the time of
/// the call do not depend on whether there is one. `address` is the network address of the client, and `origin`
/// the start of the link.
///
/// # Errors
/// `RATE_LIMITED` after too many requests for the address, or from the client's network; the database's error.
pub async fn request_password_reset(
    engine: &Engine,
    email: &Email,
    address: &str,
    origin: &str,
) -> Result<(), Error> {
    throttle::begin_attempt(engine, &PASSWORD_RESET, email.canonical(), address).await?;
    let (sender, email, origin) = (engine.clone(), email.clone(), origin.to_owned());
    // So that the time of the call reveals nothing about the account.
    engine.run_in_background(async move { send_link(&sender, &email, &origin).await });
    Ok(())
}

/// Sends an employee a link for a new password, on behalf of a SUPER_ADMIN. The current password works until
/// the link is used. `origin` is the start of the link. Audited.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` for a disabled employee, or one who has not chosen a
/// password yet; `RATE_LIMITED` if a link was sent less than a minute ago; the database's error.
pub async fn send_password_reset(
    engine: &Engine,
    actor: &Actor,
    employee_id: Uuid,
    origin: &str,
) -> Result<(), Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    let (employee, user_id) = find_employee(&mut transaction, employee_id).await?;
    if !employee.has_password || employee.status != EmployeeStatus::Active {
        return Err(ErrorCode::InvalidTransition.into());
    }
    // A link may be issued at the same time, or the address may change.
    let address = sqlx::query_scalar!("SELECT email FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id)
        .fetch_one(&mut transaction)
        .await?;
    let Some((token, expires_at)) = issue_token(&mut transaction, user_id).await? else {
        let retry_after = u32::try_from(PAUSE_SECONDS).ok();
        return Err(Problem { retry_after, ..ErrorCode::RateLimited.into() }.into());
    };
    let message = NewMessage {
        to_name: &employee.name,
        to_address: &address,
        tenant_id: None,
        user_id: Some(user_id),
        content: MailContent::PasswordReset { expires_at },
        token: Some(&token),
        origin,
    };
    mail::enqueue(&mut transaction, engine, message).await?;
    employee_change("employee.password_reset_sent", employee_id).record(&mut transaction, &actor).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(())
}

async fn send_link(engine: &Engine, email: &Email, origin: &str) -> Result<(), Error> {
    let mut transaction = engine.pool().begin().await?;
    let account = sqlx::query!(
        "SELECT u.id, u.name, u.email FROM users u
         WHERE u.email_canonical = $1 AND u.password_hash IS NOT NULL
           AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id AND e.status <> 'active')
         FOR NO KEY UPDATE",
        email.canonical()
    )
    .fetch_optional(&mut transaction)
    .await?;
    let Some(account) = account else { return Ok(transaction.rollback().await?) };
    let Some((token, expires_at)) = issue_token(&mut transaction, account.id).await? else {
        return Ok(transaction.rollback().await?);
    };
    let message = NewMessage {
        to_name: &account.name,
        to_address: &account.email,
        tenant_id: None,
        user_id: Some(account.id),
        content: MailContent::PasswordReset { expires_at },
        token: Some(&token),
        origin,
    };
    mail::enqueue(&mut transaction, engine, message).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(())
}

/// Issues the token of a link, which replaces the former one. Returns `None` if an unused link was issued less
/// than [`PAUSE_SECONDS`] ago.
async fn issue_token(
    transaction: &mut Transaction,
    user_id: Uuid,
) -> Result<Option<(SecretString, Timestamp)>, Error> {
    let token = new_token("");
    let expires_ms = sqlx::query_scalar!(
        r#"INSERT INTO one_time_tokens (token_hash, purpose, user_id, created_at, expires_at)
           SELECT $1, 'password_reset', $2, clock, clock + make_interval(mins => $3) FROM clock_timestamp() clock
           ON CONFLICT (user_id) WHERE purpose = 'password_reset' DO UPDATE SET
               token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at,
               used_at = NULL
           WHERE one_time_tokens.used_at IS NOT NULL
             OR one_time_tokens.created_at <= now() - make_interval(secs => $4::integer)
           RETURNING (extract(epoch FROM expires_at) * 1000)::bigint AS "expires_ms!""#,
        &hash(token.expose_secret())[..],
        user_id,
        LIFE_MINUTES,
        PAUSE_SECONDS
    )
    .fetch_optional(transaction)
    .await?;
    Ok(expires_ms.map(|ms| (token, Timestamp(ms))))
}

/// Returns the account of a link that can be used.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired or unknown link, or a disabled employee; the database's error.
pub async fn find_password_reset(engine: &Engine, token: &str) -> Result<PasswordReset, Error> {
    sqlx::query_as!(
        PasswordReset,
        "SELECT u.name, u.email FROM one_time_tokens o JOIN users u ON u.id = o.user_id
         WHERE o.token_hash = $1 AND o.purpose = 'password_reset' AND o.used_at IS NULL AND o.expires_at > now()
           AND u.password_hash IS NOT NULL
           AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id AND e.status <> 'active')",
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or_else(|| ErrorCode::ResourceNotFound.into())
}

/// Sets the password with a link, which works once, and opens a session. All other sessions of the account end.
/// Sends a mail about the change, whose links begin with `origin`. Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired or unknown link, or a disabled employee; the database's error.
pub async fn reset_password_with_link(
    engine: &Engine,
    token: &str,
    secret: &Password,
    origin: &str,
) -> Result<SecretString, Error> {
    // Before the password is hashed, and without a transaction, which a refusal would end with its connection.
    find_password_reset(engine, token).await?;
    let password_hash = password::hash(engine, secret).await?;
    let mut transaction = engine.pool().begin().await?;
    cancel_address_change_of_link(&mut transaction, token).await?;
    let account = sqlx::query!(
        r#"WITH used AS (
             UPDATE one_time_tokens SET used_at = now()
             WHERE token_hash = $1 AND purpose = 'password_reset' AND used_at IS NULL AND expires_at > now()
             RETURNING user_id
         )
         UPDATE users u SET password_hash = $2 FROM used
         WHERE u.id = used.user_id AND u.password_hash IS NOT NULL
           AND NOT EXISTS (SELECT FROM employees e WHERE e.user_id = u.id AND e.status <> 'active')
         RETURNING u.id, u.name, u.email"#,
        &hash(token)[..],
        password_hash
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let ended_sessions = end_sessions_of(&mut transaction, account.id, None).await?;
    delete_setup_links(&mut transaction, account.id).await?;
    let after = Some(json!({ "endedSessions": ended_sessions }));
    let change = AuditedChange { after, ..account_change("account.password_reset", account.id) };
    let actor = AuditActor { id: Some(account.id), name: &account.name };
    change.record(&mut transaction, actor).await?;
    let message = NewMessage {
        to_name: &account.name,
        to_address: &account.email,
        tenant_id: None,
        user_id: Some(account.id),
        content: MailContent::PasswordChanged,
        token: None,
        origin,
    };
    mail::enqueue(&mut transaction, engine, message).await?;
    let session = open_session(&mut transaction, account.id, &password_hash).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(session)
}

/// Locks the account of a link, and cancels the change of its address that is pending, because somebody who knew
/// the former password may have requested it.
async fn cancel_address_change_of_link(transaction: &mut Transaction, token: &str) -> Result<(), Error> {
    let user_id = sqlx::query_scalar!(
        "SELECT u.id FROM one_time_tokens o JOIN users u ON u.id = o.user_id
         WHERE o.token_hash = $1 AND o.purpose = 'password_reset' FOR NO KEY UPDATE OF u",
        &hash(token)[..]
    )
    .fetch_optional(&mut *transaction)
    .await?;
    match user_id {
        Some(user_id) => address_change::delete(transaction, user_id).await,
        None => Ok(()),
    }
}
