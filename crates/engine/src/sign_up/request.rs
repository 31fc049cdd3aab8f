use database::Transaction;
use domain::{
    Timestamp,
    email::Email,
    sign_up::{LINK_HOURS, SignUpRequest},
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::mail::{Link, Recipient, send_link};
use crate::{
    Engine, Error,
    access::begin_attempt,
    mail,
    secret::{hash, new_token},
};

/// Stores a sign-up and enqueues a mail: with the link that verifies the address or, if the address has an
/// account with a password or belongs to an employee, with the advice to sign in. Creates neither an account
/// nor a tenant.
///
/// The result and the work are the same for every address: one row, and one mail. `origin` is the start of
/// the link, and `address` the network address of the client.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` while nobody can sign up; `RATE_LIMITED`, which does not depend on whether the
/// address is known; the database's error.
pub async fn request_sign_up(
    engine: &Engine,
    request: &SignUpRequest,
    origin: &str,
    address: &str,
) -> Result<(), Error> {
    let limits = engine.require_sign_up()?.limits;
    begin_attempt(engine, &limits.requests, request.email.canonical(), address).await?;
    let (id, token) = (Uuid::now_v7(), new_token(""));
    let mut transaction = engine.pool().begin().await?;
    let has_account = has_account(&mut transaction, &request.email).await?;
    let expires_ms = sqlx::query_scalar!(
        r#"INSERT INTO sign_ups (id, token_hash, company, name, email, email_canonical, slug, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(hours => $8))
           RETURNING (extract(epoch FROM expires_at) * 1000)::bigint AS "expires_ms!""#,
        id,
        &hash(token.expose_secret())[..],
        request.company,
        request.name,
        request.email.address(),
        request.email.canonical(),
        request.slug.as_ref().map(ToString::to_string),
        LINK_HOURS as i32
    )
    .fetch_one(&mut transaction)
    .await?;
    let recipient = Recipient { name: &request.name, email: &request.email, company: &request.company };
    let link = Link { token: &token, expires_at: Timestamp(expires_ms) };
    send_link(&mut transaction, engine, recipient, link, has_account, origin).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(())
}

/// Enqueues the mail of the latest sign-up of an address again, with a new link that replaces the former one.
/// Does nothing for an address without a sign-up that can be completed.
///
/// The work is done after this function has returned, so that the time does not tell whether the address has
/// a sign-up. A failure is logged; the person can ask for the mail again.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` while nobody can sign up; `RATE_LIMITED`, which does not depend on whether the
/// address is known; the database's error.
pub async fn resend_sign_up(
    engine: &Engine,
    email: &Email,
    origin: &str,
    address: &str,
) -> Result<(), Error> {
    let limits = engine.require_sign_up()?.limits;
    begin_attempt(engine, &limits.resends, email.canonical(), address).await?;
    let (sender, email, origin) = (engine.clone(), email.clone(), origin.to_owned());
    engine.run_in_background(async move { replace_and_send(&sender, &email, &origin).await });
    Ok(())
}

/// Replaces the link of the latest sign-up of an address, and enqueues its mail.
async fn replace_and_send(engine: &Engine, email: &Email, origin: &str) -> Result<(), Error> {
    let token = new_token("");
    let mut transaction = engine.pool().begin().await?;
    let has_account = has_account(&mut transaction, email).await?;
    let replaced = replace_link(&mut transaction, email, &hash(token.expose_secret())).await?;
    if let Some(Replaced { company, name, former, expires_at }) = replaced {
        mail::cancel(&mut transaction, &former).await?;
        let recipient = Recipient { name: &name, company: &company, email };
        let link = Link { token: &token, expires_at };
        send_link(&mut transaction, engine, recipient, link, has_account, origin).await?;
    }
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(())
}

/// A sign-up whose link was replaced.
struct Replaced {
    company: String,
    name: String,
    /// The hash of the former token.
    former: [u8; 32],
    expires_at: Timestamp,
}

/// Replaces the link of the latest sign-up of an address. Returns `None` if no sign-up of the address can be
/// completed.
async fn replace_link(
    transaction: &mut Transaction,
    email: &Email,
    token_hash: &[u8; 32],
) -> Result<Option<Replaced>, Error> {
    let row = sqlx::query!(
        r#"WITH former AS (
             SELECT id, token_hash FROM sign_ups
             WHERE email_canonical = $1 AND verified_at IS NULL AND expires_at > now()
             ORDER BY created_at DESC LIMIT 1 FOR UPDATE
         )
         UPDATE sign_ups s SET token_hash = $2, expires_at = now() + make_interval(hours => $3)
         FROM former WHERE s.id = former.id
         RETURNING s.company, s.name, former.token_hash AS "former!",
             (extract(epoch FROM s.expires_at) * 1000)::bigint AS "expires_ms!""#,
        email.canonical(),
        &token_hash[..],
        LINK_HOURS as i32
    )
    .fetch_optional(transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let former = row.former.try_into().map_err(|_| Error::unexpected("token hash", ""))?;
    Ok(Some(Replaced { company: row.company, name: row.name, former, expires_at: Timestamp(row.expires_ms) }))
}

/// Whether an address belongs to an employee, or to an account with a password.
async fn has_account(transaction: &mut Transaction, email: &Email) -> Result<bool, Error> {
    let has_account = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users u WHERE u.email_canonical = $1
             AND (u.password_hash IS NOT NULL OR EXISTS (SELECT FROM employees e WHERE e.user_id = u.id)))
           AS "has_account!""#,
        email.canonical()
    )
    .fetch_one(transaction)
    .await?;
    Ok(has_account)
}
