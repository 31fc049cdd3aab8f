//! The change of an account's e-mail address, which the person confirms at both addresses: at the new one,
//! because the account signs in with it, and at the current one, so that nobody who finds an open session takes
//! the account over.

use database::Transaction;
use domain::{ErrorCode, FieldProblem, Problem, Timestamp, email::Email, mail::MailContent};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{
    Account,
    audit::{AuditActor, AuditedChange, account_change, tenant_change},
    password, throttle,
    throttle_limits::{ADDRESS_CHANGE, SIGN_IN},
};
use crate::{
    Engine, Error,
    mail::{self, NewMessage},
    secret::{hash, new_token},
};

/// How long the links work.
const LIFE_HOURS: i32 = 24;

/// A change of the address that a person requests.
#[derive(Debug)]
pub struct NewAddress<'a> {
    /// The new address.
    pub email: &'a Email,
    /// The current password.
    pub password: &'a str,
    /// The network address of the client.
    pub address: &'a str,
    /// The start of the links.
    pub origin: &'a str,
}

/// A change whose link can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressChange {
    /// The new address.
    pub new_email: String,
    /// Whether the link was sent to the new address, and not to the current one.
    pub is_new: bool,
    /// Whether this link was used to confirm the change.
    pub is_confirmed: bool,
}

/// What the confirmation with one link resulted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressConfirmation {
    /// The other link is missing.
    Waiting,
    /// The account has the new address.
    Changed,
}

/// Requests a change of the address: sends a link to each of the two addresses. A former request ends. The
/// result does not reveal whether another account has the new address; then it gets no link.
///
/// # Errors
/// `VALIDATION_ERROR` if the password is wrong, or the address is the current one; `RATE_LIMITED` after too many
/// wrong passwords or requests; the database's error.
pub async fn request_address_change(
    engine: &Engine,
    account: &Account,
    new: NewAddress<'_>,
) -> Result<(), Error> {
    let stored = sqlx::query!("SELECT email_canonical, password_hash FROM users WHERE id = $1", account.id)
        .fetch_optional(&engine.pool())
        .await?
        .ok_or(ErrorCode::Unauthenticated)?;
    if stored.email_canonical == new.email.canonical() {
        return Err(refused("email", "unchanged", "This is the address of your account."));
    }
    let attempt = throttle::begin_attempt(engine, &SIGN_IN, &stored.email_canonical, new.address).await?;
    if !password::verify(engine, new.password, stored.password_hash.clone()).await? {
        return Err(wrong_password());
    }
    throttle::delete_attempt(engine, attempt).await?;

    let mut transaction = engine.pool().begin().await?;
    let Some(current_email) = lock_account(&mut transaction, account.id, stored.password_hash).await? else {
        transaction.rollback().await?;
        return Err(wrong_password());
    };
    let (email, account_id) = (new.email.canonical(), account.id.to_string());
    throttle::count_attempt(&mut transaction, &ADDRESS_CHANGE, email, &account_id).await?;
    let change = store(&mut transaction, account, new.email).await?;
    let is_taken = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users WHERE email_canonical = $1) AS "is_taken!""#,
        new.email.canonical()
    )
    .fetch_one(&mut transaction)
    .await?;
    let message = |to_address, content, token| NewMessage {
        to_name: &account.name,
        to_address,
        tenant_id: None,
        user_id: Some(account.id),
        content,
        token: Some(token),
        origin: new.origin,
    };
    let expires_at = change.expires_at;
    let notice = MailContent::AddressChangeNotice { new_address: new.email.address().to_owned(), expires_at };
    mail::enqueue(&mut transaction, engine, message(&current_email, notice, &change.current_token)).await?;
    if !is_taken {
        let confirmation = MailContent::AddressConfirmation {
            account_name: account.name.clone(),
            new_address: new.email.address().to_owned(),
            expires_at,
        };
        let to_new = message(new.email.address(), confirmation, &change.new_token);
        mail::enqueue(&mut transaction, engine, to_new).await?;
    }
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(())
}

fn wrong_password() -> Error {
    refused("password", "wrong", "The password is wrong. Check it, and try again.")
}

/// Locks an account that still has the password that was checked, and returns its address. The password or the
/// address may have changed since the check.
async fn lock_account(
    transaction: &mut Transaction,
    user_id: Uuid,
    password_hash: Option<String>,
) -> Result<Option<String>, Error> {
    let email = sqlx::query_scalar!(
        "SELECT email FROM users WHERE id = $1 AND password_hash = $2 FOR NO KEY UPDATE",
        user_id,
        password_hash
    );
    Ok(email.fetch_optional(transaction).await?)
}

struct StoredChange {
    new_token: SecretString,
    current_token: SecretString,
    expires_at: Timestamp,
}

/// Stores the request. The links of a former request stop working, and their mail is cancelled.
async fn store(
    transaction: &mut Transaction,
    account: &Account,
    email: &Email,
) -> Result<StoredChange, Error> {
    delete(transaction, account.id).await?;
    let (new_token, current_token) = (new_token(""), new_token(""));
    let expires_ms = sqlx::query_scalar!(
        r#"INSERT INTO address_changes
             (user_id, new_email, new_email_canonical, new_token_hash, current_token_hash, expires_at)
           VALUES ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(hours => $6))
           RETURNING (extract(epoch FROM expires_at) * 1000)::bigint AS "expires_ms!""#,
        account.id,
        email.address(),
        email.canonical(),
        &hash(new_token.expose_secret())[..],
        &hash(current_token.expose_secret())[..],
        LIFE_HOURS
    )
    .fetch_one(transaction)
    .await?;
    Ok(StoredChange { new_token, current_token, expires_at: Timestamp(expires_ms) })
}

/// Ends the links of an account that gets another address or password: those of a change of the address, and those
/// for a new password. The account must be locked, because a link may be issued at the same time.
pub(crate) async fn end_account_links(transaction: &mut Transaction, user_id: Uuid) -> Result<(), Error> {
    delete(transaction, user_id).await?;
    sqlx::query!("DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = 'password_reset'", user_id)
        .execute(transaction)
        .await?;
    Ok(())
}

/// Deletes the request of an account, and cancels the mail with its links.
pub(super) async fn delete(transaction: &mut Transaction, user_id: Uuid) -> Result<(), Error> {
    let former = sqlx::query!(
        "DELETE FROM address_changes WHERE user_id = $1 RETURNING new_token_hash, current_token_hash",
        user_id
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let hashes = former.map(|former| [former.new_token_hash, former.current_token_hash]);
    for token_hash in hashes.into_iter().flatten() {
        if let Ok(token_hash) = <[u8; 32]>::try_from(token_hash) {
            mail::cancel(transaction, &token_hash).await?;
        }
    }
    Ok(())
}

/// Returns the change of a link.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an expired, replaced or unknown link, or a finished change; the database's error.
pub async fn find_address_change(engine: &Engine, token: &str) -> Result<AddressChange, Error> {
    sqlx::query_as!(
        AddressChange,
        r#"SELECT new_email, new_token_hash = $1 AS "is_new!",
             CASE WHEN new_token_hash = $1 THEN new_confirmed_at ELSE current_confirmed_at END IS NOT NULL
               AS "is_confirmed!"
           FROM address_changes WHERE (new_token_hash = $1 OR current_token_hash = $1) AND expires_at > now()"#,
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or_else(|| ErrorCode::ResourceNotFound.into())
}

/// Confirms the change with one of its two links. After the second confirmation, the account has the new
/// address, for all of its tenants, and links for a new password that were sent to the former one stop working.
/// Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an expired, replaced or unknown link; `EMAIL_UNAVAILABLE` if another account has got
/// the address; `INVALID_TRANSITION` while the steps of a tenant run with the current address; the database's
/// error.
pub async fn confirm_address_change(engine: &Engine, token: &str) -> Result<AddressConfirmation, Error> {
    // Without a transaction, which a refusal would end with its connection.
    find_address_change(engine, token).await?;
    let mut transaction = engine.pool().begin().await?;
    lock_tenants(&mut transaction, token).await?;
    let change = sqlx::query!(
        r#"UPDATE address_changes SET
             new_confirmed_at = CASE WHEN new_token_hash = $1 THEN clock_timestamp() ELSE new_confirmed_at END,
             current_confirmed_at =
               CASE WHEN current_token_hash = $1 THEN clock_timestamp() ELSE current_confirmed_at END
           WHERE (new_token_hash = $1 OR current_token_hash = $1) AND expires_at > now()
           RETURNING user_id, new_email, new_email_canonical,
             new_confirmed_at IS NOT NULL AND current_confirmed_at IS NOT NULL AS "is_complete!""#,
        &hash(token)[..]
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    if !change.is_complete {
        transaction.commit().await?;
        return Ok(AddressConfirmation::Waiting);
    }
    let former = sqlx::query!("SELECT name, email FROM users WHERE id = $1 FOR UPDATE", change.user_id)
        .fetch_one(&mut transaction)
        .await?;
    sqlx::query!(
        "UPDATE users SET email = $2, email_canonical = $3 WHERE id = $1",
        change.user_id,
        change.new_email,
        change.new_email_canonical
    )
    .execute(&mut transaction)
    .await?;
    end_account_links(&mut transaction, change.user_id).await?;
    let by = AuditActor { id: Some(change.user_id), name: &former.name };
    record(&mut transaction, change.user_id, by, &former.email, &change.new_email).await?;
    transaction.commit().await?;
    Ok(AddressConfirmation::Changed)
}

/// Ends a change with one of its two links.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an expired, replaced or unknown link; the database's error.
pub async fn cancel_address_change(engine: &Engine, token: &str) -> Result<(), Error> {
    find_address_change(engine, token).await?;
    let mut transaction = engine.pool().begin().await?;
    let user_id = sqlx::query_scalar!(
        "SELECT user_id FROM address_changes
         WHERE (new_token_hash = $1 OR current_token_hash = $1) AND expires_at > now() FOR UPDATE",
        &hash(token)[..]
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    delete(&mut transaction, user_id).await?;
    transaction.commit().await?;
    Ok(())
}

/// Locks the tenants that the account of a link owns, before its account. The trigger `users_email_of_tenants`
/// changes them.
///
/// # Errors
/// `INVALID_TRANSITION` while the steps of one of them run with the current address.
async fn lock_tenants(transaction: &mut Transaction, token: &str) -> Result<(), Error> {
    let tenants = sqlx::query!(
        r#"SELECT t.name, coalesce(t.status_before_deletion, t.status) IN ('provisioning', 'pending_activation')
             AS "may_run_steps!"
           FROM tenants t
           WHERE t.owner_id = (SELECT user_id FROM address_changes WHERE new_token_hash = $1 OR current_token_hash = $1)
           ORDER BY t.id FOR NO KEY UPDATE"#,
        &hash(token)[..]
    )
    .fetch_all(transaction)
    .await?;
    match tenants.iter().find(|tenant| tenant.may_run_steps) {
        None => Ok(()),
        Some(tenant) => {
            let message =
                format!("{} is being set up with your current address. Try again later.", tenant.name);
            let errors = vec![FieldProblem::new("status", "provisioning", &message)];
            Err(Problem { errors, ..ErrorCode::InvalidTransition.into() }.into())
        }
    }
}

/// Records the change for the account, and for each tenant that it owns.
async fn record(
    transaction: &mut Transaction,
    user_id: Uuid,
    by: AuditActor<'_>,
    former: &str,
    new: &str,
) -> Result<(), Error> {
    let values = |email: &str| Some(json!({ "owner": { "id": user_id, "email": email } }));
    let tenants = sqlx::query!("SELECT id, request_id FROM tenants WHERE owner_id = $1 ORDER BY id", user_id)
        .fetch_all(&mut *transaction)
        .await?;
    for tenant in tenants {
        let change = AuditedChange {
            request_id: Some(tenant.request_id),
            before: values(former),
            after: values(new),
            ..tenant_change("tenant.owner_account_changed", tenant.id)
        };
        change.record(transaction, by).await?;
    }
    account_change("account.address_changed", user_id).record(transaction, by).await
}

fn refused(field: &str, rule: &str, message: &str) -> Error {
    Problem::from_fields(vec![FieldProblem::new(field, rule, message)]).into()
}
