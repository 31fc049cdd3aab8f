use database::Transaction;
use domain::{ErrorCode, TenantStatus, slug::Slug};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    create::{create_tenant, has_account, parse_password},
    link::{StoredSignUp, read_sign_up},
    mail::welcome,
};
use crate::{
    Engine, Error,
    access::{AuditActor, AuditedChange, hash_password, open_session, sign_in, tenant_change},
    detached::run_detached,
    mail::wake_worker,
};

/// The result of a completed sign-up.
#[derive(Debug)]
pub struct SignedUp {
    /// The token of the owner's session.
    pub session: SecretString,
    /// The ID of the tenant.
    pub tenant_id: Uuid,
    /// The code of the tenant.
    pub code: String,
    /// The slug of the tenant.
    pub slug: String,
    /// The status of the tenant.
    pub status: TenantStatus,
}

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

/// The tenant of a sign-up.
pub(super) struct SignUpTenant {
    pub id: Uuid,
    code: String,
    slug: String,
    pub name: String,
    status: TenantStatus,
    pub owner_id: Uuid,
    awaits_approval: bool,
}

impl SignUpTenant {
    fn with_session(self, session: SecretString) -> SignedUp {
        let Self { id, code, slug, status, .. } = self;
        SignedUp { session, tenant_id: id, code, slug, status }
    }
}

/// Reads the tenant of a request. Locks the tenant against a suspension or a deletion until the end of the
/// transaction.
async fn lock_tenant(transaction: &mut Transaction, request_id: Uuid) -> Result<SignUpTenant, Error> {
    let row = sqlx::query!(
        r#"SELECT id, code, slug, name, status, owner_id AS "owner_id!", awaits_approval FROM tenants
           WHERE request_id = $1 AND status <> 'deleted' AND owner_id IS NOT NULL FOR SHARE"#,
        request_id
    )
    .fetch_optional(transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let status =
        TenantStatus::from_text(&row.status).ok_or_else(|| Error::unexpected("status", &row.status))?;
    if status == TenantStatus::Suspended {
        return Err(ErrorCode::TenantSuspended.into());
    }
    Ok(SignUpTenant {
        id: row.id,
        code: row.code,
        slug: row.slug,
        name: row.name,
        status,
        owner_id: row.owner_id,
        awaits_approval: row.awaits_approval,
    })
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
