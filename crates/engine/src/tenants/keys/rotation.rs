use database::Transaction;
use domain::{
    ErrorCode,
    idempotency_key::IdempotencyKey,
    tenant_key::{IssuedKey, Overlap, TenantKey},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    issue::{EarlierCall, KeyPair, find_issued},
    stored::{read_key, read_keys},
};
use crate::{
    Engine, Error,
    access::AuditActor,
    page::PageRequest,
    secret::hash,
    tenants::{
        lookup::LockedTenant,
        scope::{Access, Scope, TenantCaller},
    },
};

/// Which key pair is replaced, and how.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// The key pair. `None` for the newest one, even if it was revoked.
    pub key_id: Option<Uuid>,
    /// How long the replaced key pair keeps working.
    pub overlap: Overlap,
    /// A repeated call with the same idempotency key replaces nothing.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Replaces a key pair with a new one, and returns the new secret key. The replaced pair works until the
/// overlap ends. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `FORBIDDEN`; `RESOURCE_NOT_FOUND` for an unknown key; `KEY_REPLACED` if the key was
/// already replaced; `IDEMPOTENCY_KEY_REUSED` if the idempotency key belongs to another call; the database's
/// error.
pub async fn rotate_key(engine: &Engine, by: &TenantCaller, rotation: &Rotation) -> Result<IssuedKey, Error> {
    let issued = by.run(engine, Access::Change, async |scope: &mut Scope| {
        scope.require_key_management()?;
        rotate_in(scope, rotation).await
    });
    let (issued, request_id) = issued.await?;
    engine.announce(request_id);
    Ok(issued)
}

/// Replaces the key pair that authenticates the call. Otherwise like [`rotate_key`].
///
/// # Errors
/// See [`TenantCaller::begin`]; `FORBIDDEN` for an employee; the errors of [`rotate_key`].
pub async fn rotate_own_key(
    engine: &Engine,
    by: &TenantCaller,
    overlap: Overlap,
    idempotency_key: IdempotencyKey,
) -> Result<IssuedKey, Error> {
    let issued = by.run(engine, Access::Change, async |scope: &mut Scope| {
        let key_id = Some(scope.key_id().ok_or(ErrorCode::Forbidden)?);
        let rotation = Rotation { key_id, overlap, idempotency_key: Some(idempotency_key) };
        rotate_in(scope, &rotation).await
    });
    let (issued, request_id) = issued.await?;
    engine.announce(request_id);
    Ok(issued)
}

/// Returns the new key pair and the ID of the tenant's request.
async fn rotate_in(scope: &mut Scope, rotation: &Rotation) -> Result<(IssuedKey, Uuid), Error> {
    let (transaction, tenant, author) = scope.parts();
    let issued = rotate(transaction, tenant, author, rotation).await?;
    Ok((issued, tenant.request_id))
}

async fn rotate(
    transaction: &mut Transaction,
    tenant: &LockedTenant,
    by: AuditActor<'_>,
    rotation: &Rotation,
) -> Result<IssuedKey, Error> {
    let is_same = |earlier: &EarlierCall| {
        earlier.replaces == rotation.key_id && earlier.overlap_hours == Some(rotation.overlap.hours().into())
    };
    if let Some(replayed) = find_issued(transaction, tenant, &rotation.idempotency_key, is_same).await? {
        return Ok(replayed);
    }
    let keys = read_keys(&mut *transaction, tenant.id, rotation.key_id, PageRequest::default()).await?;
    let replaced = keys.rows.into_iter().find(|key| rotation.key_id.is_some() || key.replaced_by.is_none());
    let replaced = replaced.ok_or(ErrorCode::ResourceNotFound)?;
    if replaced.replaced_by.is_some() {
        return Err(ErrorCode::KeyReplaced.into());
    }
    let pair = KeyPair::new(tenant)?;
    let new_id = insert_replacement(transaction, &replaced, rotation, &pair).await?;
    let before = json!({ "keyId": replaced.id, "publicKey": replaced.public_key, "status": replaced.status });
    let after = json!({
        "keyId": new_id,
        "publicKey": pair.public.expose(),
        "overlapHours": rotation.overlap.hours(),
    });
    tenant.change("key.rotated", Some(before), Some(after)).record(transaction, by).await?;
    Ok(pair.issued_as(read_key(transaction, tenant.id, new_id).await?))
}

/// Inserts the new key pair, lets the replaced one expire after the overlap, and returns the ID of the new
/// pair.
async fn insert_replacement(
    transaction: &mut Transaction,
    replaced: &TenantKey,
    rotation: &Rotation,
    pair: &KeyPair,
) -> Result<Uuid, Error> {
    let overlap_hours = i16::from(rotation.overlap.hours());
    // `now()` is the start time of the transaction, which may have waited for a lock since then.
    let inserted = sqlx::query_scalar!(
        "WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at), replaced AS (
             UPDATE api_keys SET expires_at = clock.at + make_interval(hours => $1::smallint) FROM clock
             WHERE id = $2 RETURNING id, tenant_id, name, clock.at
         )
         INSERT INTO api_keys
             (tenant_id, public_key, secret_hash, created_at, name, replaces, overlap_hours, idempotency_key)
         SELECT tenant_id, $3, $4, at, name, id, $1, $5 FROM replaced
         ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id",
        overlap_hours,
        replaced.id,
        pair.public.expose(),
        &hash(pair.secret.expose())[..],
        rotation.idempotency_key.as_ref().map(IdempotencyKey::uuid)
    )
    .fetch_optional(&mut *transaction)
    .await?;
    // A call for another tenant used the idempotency key at the same time.
    inserted.ok_or_else(|| ErrorCode::IdempotencyKeyReused.into())
}
