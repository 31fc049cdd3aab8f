use database::Transaction;
use domain::slug::Slug;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    create::{create_tenant, has_account, parse_password},
    link::{StoredSignUp, read_sign_up},
    mail::welcome,
    tenant::{SignUpTenant, SignedUp, lock_tenant},
};
use crate::{
    Engine, Error,
    access::{
        Account, AuditActor, AuditedChange, hash_password, open_session, record_other_joins, sign_in,
        tenant_change,
    },
    detached::run_detached,
    mail::wake_worker,
};

/// Creates the tenant of a sign-up, sets the password of its owner, and opens a session. Each of the two
/// happens once, however often and concurrently the link is used: a repeated call with the same password
/// opens another session, like a sign-in. Runs in its own task, so that a client that disconnects does not
/// interrupt it.
///
/// `slug` replaces the slug of the sign-up. `address` is the network address of the client.
///
/// # Errors
/// The errors of [`create_from_sign_up`](super::create_from_sign_up); `UNAUTHENTICATED` if the owner already
/// has another password, `RATE_LIMITED` after too many wrong ones.
pub async fn verify_sign_up(
    engine: &Engine,
    token: &str,
    password: SecretString,
    slug: Option<Slug>,
    origin: &str,
    address: &str,
) -> Result<SignedUp, Error> {
    let (engine, token, origin, address) =
        (engine.clone(), token.to_owned(), origin.to_owned(), address.to_owned());
    run_detached(async move { verify(&engine, &token, &password, slug.as_ref(), &origin, &address).await })
        .await
}

async fn verify(
    engine: &Engine,
    token: &str,
    password: &SecretString,
    slug: Option<&Slug>,
    origin: &str,
    address: &str,
) -> Result<SignedUp, Error> {
    engine.require_sign_up()?;
    let stored = read_sign_up(engine, token).await?;
    let parsed = parse_password(password.expose_secret(), &stored.sign_up)?;
    if stored.has_account {
        let Some(request_id) = stored.request_id else { return Err(has_account(&stored.sign_up)) };
        return sign_in_again(engine, &stored, request_id, password, address).await;
    }
    let request_id = create_tenant(engine, &stored, slug).await?;
    let password_hash = hash_password(engine, &parsed).await?;
    match complete(engine, &stored, request_id, &password_hash, origin).await? {
        Some(signed_up) => Ok(signed_up),
        // Another call has set a password in the meantime.
        None => sign_in_again(engine, &stored, request_id, password, address).await,
    }
}

/// Opens a session for the owner of a completed sign-up, whose password is checked.
async fn sign_in_again(
    engine: &Engine,
    stored: &StoredSignUp,
    request_id: Uuid,
    password: &SecretString,
    address: &str,
) -> Result<SignedUp, Error> {
    let session = sign_in(engine, &stored.sign_up.email, password.expose_secret(), address).await?;
    let mut transaction = engine.pool().begin().await?;
    let tenant = lock_tenant(&mut transaction, request_id).await?;
    transaction.commit().await?;
    Ok(tenant.with_session(session))
}

/// Sets the first password of the owner, and opens a session. Returns `None` if the owner has a password. The
/// person has chosen the name of the account, which another tenant may have invited under another name.
async fn complete(
    engine: &Engine,
    stored: &StoredSignUp,
    request_id: Uuid,
    password_hash: &str,
    origin: &str,
) -> Result<Option<SignedUp>, Error> {
    let mut transaction = engine.pool().begin().await?;
    let tenant = lock_tenant(&mut transaction, request_id).await?;
    let owner = &stored.sign_up;
    let changed = sqlx::query!(
        "UPDATE users SET password_hash = $2, name = $3 WHERE id = $1 AND password_hash IS NULL",
        tenant.owner_id,
        password_hash,
        owner.name
    )
    .execute(&mut transaction)
    .await?;
    if changed.rows_affected() == 0 {
        transaction.rollback().await?;
        return Ok(None);
    }
    mark_verified(&mut transaction, stored.id, request_id, &tenant).await?;
    let actor = AuditActor { id: Some(tenant.owner_id), name: &owner.name };
    let request_id = Some(request_id);
    AuditedChange { request_id, ..tenant_change("owner.signed_up", tenant.id) }
        .record(&mut transaction, actor)
        .await?;
    let account = Account { id: tenant.owner_id, name: owner.name.clone(), email: owner.email.clone() };
    record_other_joins(&mut transaction, &account, tenant.id).await?;
    if !tenant.awaits_approval {
        welcome(&mut transaction, engine, &tenant, owner, origin).await?;
    }
    let session = open_session(&mut transaction, tenant.owner_id, password_hash).await?;
    transaction.commit().await?;
    wake_worker(engine);
    Ok(Some(tenant.with_session(session)))
}

/// Marks the sign-up as verified, and the invitation of the owner as accepted. Nobody has the link of this
/// invitation.
async fn mark_verified(
    transaction: &mut Transaction,
    id: Uuid,
    request_id: Uuid,
    tenant: &SignUpTenant,
) -> Result<(), Error> {
    sqlx::query!("UPDATE sign_ups SET verified_at = now(), request_id = $2 WHERE id = $1", id, request_id)
        .execute(&mut *transaction)
        .await?;
    sqlx::query!(
        "UPDATE one_time_tokens SET used_at = now()
         WHERE tenant_id = $1 AND user_id = $2 AND purpose = 'owner_invitation' AND used_at IS NULL",
        tenant.id,
        tenant.owner_id
    )
    .execute(transaction)
    .await?;
    Ok(())
}
