use connectors::EncryptedSecret;
use database::Transaction;
use domain::mail::MailContent;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{QUEUE, TOKEN_FIELD};
use crate::{Engine, Error, secret::hash};

/// A message to be stored in the outbox.
#[derive(Debug)]
pub(crate) struct NewMessage<'a> {
    /// The name of the recipient.
    pub to_name: &'a str,
    /// The address of the recipient.
    pub to_address: &'a str,
    /// The tenant of the message. The message waits until the tenant is active, and is deleted with it.
    pub tenant_id: Option<Uuid>,
    /// The account of the recipient. The message is deleted with it.
    pub user_id: Option<Uuid>,
    /// What the message says.
    pub content: MailContent,
    /// The token of the link, if [`MailContent::has_token`].
    pub token: Option<&'a SecretString>,
    /// The start of the links, such as `https://console.example.com`.
    pub origin: &'a str,
}

/// Stores a message in the outbox and returns its ID. Call [`wake_worker`] after the commit.
///
/// The message of a link is cancelled if its row in `one_time_tokens` is replaced, revoked, used or deleted
/// before the message is sent. For tokens in other tables, call [`cancel`].
///
/// # Errors
/// The database's error; an error if the token cannot be encrypted.
pub(crate) async fn enqueue(
    transaction: &mut Transaction,
    engine: &Engine,
    message: NewMessage<'_>,
) -> Result<Uuid, Error> {
    let NewMessage { to_name, to_address, tenant_id, user_id, content, token, origin } = message;
    let id = Uuid::now_v7();
    let sealed = token.map(|token| seal_token(engine, id, token)).transpose()?;
    let token_hash = token.map(|token| hash(token.expose_secret()));
    let is_held = match tenant_id {
        Some(tenant_id) => !is_active(transaction, tenant_id).await?,
        None => false,
    };
    let (wrapped_key, ciphertext) = sealed.map(|sealed| (sealed.wrapped_key, sealed.ciphertext)).unzip();
    sqlx::query!(
        "SELECT enqueue_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
             'epoch'::timestamptz + $11::bigint * interval '1 millisecond', $12)",
        id,
        tenant_id,
        user_id,
        to_name,
        to_address,
        origin,
        serde_json::to_value(&content)?,
        token_hash.as_ref().map(<[u8; 32]>::as_slice),
        wrapped_key,
        ciphertext,
        content.expires_at().map(|expires_at| expires_at.0) as Option<i64>,
        is_held
    )
    .execute(transaction)
    .await?;
    Ok(id)
}

/// Wakes a worker that delivers mail. Call this after the transaction of [`enqueue`] has committed. Without
/// the call, the worker finds the message with its next poll, at most 2 s later.
pub(crate) fn wake_worker(engine: &Engine) {
    engine.queue().wake_worker_of(QUEUE);
}

/// Cancels the messages with the link of this token, unless they were sent.
///
/// # Errors
/// The database's error.
pub async fn cancel(transaction: &mut Transaction, token_hash: &[u8; 32]) -> Result<(), Error> {
    sqlx::query_scalar!(
        "SELECT cancel_messages($1, 'The link was replaced, revoked or used.')",
        token_hash.as_slice()
    )
    .fetch_one(transaction)
    .await?;
    Ok(())
}

/// Encrypts the token of a message.
pub(crate) fn seal_token(
    engine: &Engine,
    message_id: Uuid,
    token: &SecretString,
) -> Result<EncryptedSecret, Error> {
    let sealed = engine.vault().seal(message_id, TOKEN_FIELD, token);
    sealed.map_err(|failure| Error::UnexpectedResponse(failure.message))
}

/// Whether a tenant is active. A change of its status waits for the end of the transaction.
async fn is_active(transaction: &mut Transaction, tenant_id: Uuid) -> Result<bool, Error> {
    let status = sqlx::query_scalar!("SELECT status FROM tenants WHERE id = $1 FOR SHARE", tenant_id)
        .fetch_optional(transaction)
        .await?;
    Ok(status.as_deref() == Some("active"))
}
