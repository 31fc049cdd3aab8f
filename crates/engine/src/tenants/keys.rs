use database::Transaction;
use domain::{
    ErrorCode, Timestamp,
    api_key::{ApiKey, ApiKeyKind},
    idempotency_key::IdempotencyKey,
    tenant_key::{KeyStatus, Overlap, RotatedKey, TenantKey},
};
use serde_json::json;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::lookup::{LockedTenant, find_tenant};
use crate::{
    Engine, Error,
    access::Actor,
    page::{Cursor, Page, PageRequest},
    secret::hash,
};

/// The `next_step` in the response to a repeated rotation.
const REPLAY_NEXT_STEP: &str = "The secret key of this rotation was in the first response. \
    If that response was lost, rotate this key with a new Idempotency-Key.";

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

/// Returns one page of the API keys of a tenant, newest first.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; the database's error.
pub async fn list_keys(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    page: PageRequest,
) -> Result<Page<TenantKey>, Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    read_keys(&engine.pool(), tenant_id, None, page).await
}

/// Replaces a key pair with a new one, and returns the new secret key. The replaced pair works until the
/// overlap ends. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown key; `KEY_REPLACED` if the key was
/// already replaced; `IDEMPOTENCY_KEY_REUSED` if the idempotency key belongs to another rotation; the
/// database's error.
pub async fn rotate_key(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    rotation: &Rotation,
) -> Result<RotatedKey, Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    let mut transaction = engine.pool().begin().await?;
    let tenant = LockedTenant::lock(&mut transaction, by, tenant_id).await?;
    if let Some(replayed) = find_rotation(&mut transaction, &tenant, rotation).await? {
        transaction.commit().await?;
        return Ok(replayed);
    }
    let keys = read_keys(&mut transaction, tenant.id, rotation.key_id, PageRequest::default()).await?;
    let replaced = keys.rows.into_iter().find(|key| rotation.key_id.is_some() || key.replaced_by.is_none());
    let replaced = replaced.ok_or(ErrorCode::ResourceNotFound)?;
    if replaced.replaced_by.is_some() {
        return Err(ErrorCode::KeyReplaced.into());
    }
    let slug = tenant.slug()?;
    let public_key = ApiKey::assemble(ApiKeyKind::Public, &slug, &rand::random());
    let secret_key = ApiKey::assemble(ApiKeyKind::Secret, &slug, &rand::random());
    let new_id = insert_replacement(&mut transaction, &replaced, rotation, &public_key, &secret_key).await?;
    tenant
        .change(
            "key.rotated",
            Some(
                json!({ "keyId": replaced.id, "publicKey": replaced.public_key, "status": replaced.status }),
            ),
            Some(json!({
                "keyId": new_id,
                "publicKey": public_key.expose(),
                "overlapHours": rotation.overlap.hours(),
            })),
        )
        .record(&mut transaction, by)
        .await?;
    let key = read_key(&mut transaction, tenant.id, new_id).await?;
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    let secret_key = Some(secret_key.expose().to_owned());
    Ok(RotatedKey { key, secret_key, secret_key_revealed: false, next_step: None })
}

/// Revokes a key pair, which stops working immediately. Does nothing if the pair was revoked before. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown key; the database's error.
pub async fn revoke_key(engine: &Engine, by: &Actor, tenant: &str, id: Uuid) -> Result<(), Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    let mut transaction = engine.pool().begin().await?;
    let tenant = LockedTenant::lock(&mut transaction, by, tenant_id).await?;
    let key = read_key(&mut transaction, tenant.id, id).await?;
    if key.revoked_at.is_none() {
        sqlx::query!("UPDATE api_keys SET revoked_at = clock_timestamp() WHERE id = $1", id)
            .execute(&mut transaction)
            .await?;
        let before = json!({ "keyId": id, "publicKey": key.public_key, "status": key.status });
        tenant.change("key.revoked", Some(before), None).record(&mut transaction, by).await?;
    }
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    Ok(())
}

/// Returns the result of the earlier rotation with the same idempotency key, without the secret key.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` if that rotation replaced another key or had another overlap.
async fn find_rotation(
    transaction: &mut Transaction,
    tenant: &LockedTenant,
    rotation: &Rotation,
) -> Result<Option<RotatedKey>, Error> {
    let Some(idempotency_key) = &rotation.idempotency_key else { return Ok(None) };
    let found = sqlx::query!(
        "SELECT id, tenant_id, replaces, overlap_hours FROM api_keys WHERE idempotency_key = $1",
        idempotency_key.uuid()
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let is_same = found.tenant_id == tenant.id
        && found.replaces == rotation.key_id
        && found.overlap_hours == Some(rotation.overlap.hours().into());
    if !is_same {
        return Err(ErrorCode::IdempotencyKeyReused.into());
    }
    let key = read_key(transaction, tenant.id, found.id).await?;
    let next_step = Some(REPLAY_NEXT_STEP.to_owned());
    Ok(Some(RotatedKey { key, secret_key: None, secret_key_revealed: true, next_step }))
}

/// Inserts the new key pair, lets the replaced one expire after the overlap, and returns the ID of the new
/// pair.
async fn insert_replacement(
    transaction: &mut Transaction,
    replaced: &TenantKey,
    rotation: &Rotation,
    public_key: &ApiKey,
    secret_key: &ApiKey,
) -> Result<Uuid, Error> {
    let overlap_hours = i16::from(rotation.overlap.hours());
    // `now()` is the start time of the transaction, which may have waited for a lock since then.
    let inserted = sqlx::query_scalar!(
        "WITH replaced AS (
             UPDATE api_keys SET expires_at = clock_timestamp() + make_interval(hours => $1::smallint)
             WHERE id = $2 RETURNING id, tenant_id
         )
         INSERT INTO api_keys
             (tenant_id, public_key, secret_hash, created_at, replaces, overlap_hours, idempotency_key)
         SELECT tenant_id, $3, $4, clock_timestamp(), id, $1, $5 FROM replaced
         ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id",
        overlap_hours,
        replaced.id,
        public_key.expose(),
        &hash(secret_key.expose())[..],
        rotation.idempotency_key.as_ref().map(IdempotencyKey::uuid)
    )
    .fetch_optional(&mut *transaction)
    .await?;
    // A rotation for another tenant used the idempotency key at the same time.
    inserted.ok_or_else(|| ErrorCode::IdempotencyKeyReused.into())
}

async fn read_key(transaction: &mut Transaction, tenant_id: Uuid, id: Uuid) -> Result<TenantKey, Error> {
    let page = read_keys(&mut *transaction, tenant_id, Some(id), PageRequest::default()).await?;
    page.rows.into_iter().next().ok_or_else(|| ErrorCode::ResourceNotFound.into())
}

/// Returns one page of the key pairs, newest first. With an `id`, at most the pair with this ID.
async fn read_keys(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    id: Option<Uuid>,
    page: PageRequest,
) -> Result<Page<TenantKey>, Error> {
    let rows = sqlx::query!(
        r#"SELECT k.id, k.public_key, n.id AS "replaced_by?",
             CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at IS NULL THEN 'active'
                  WHEN k.expires_at > clock_timestamp() THEN 'expiring' ELSE 'expired' END AS "status!",
             (extract(epoch FROM k.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM k.last_used_at) * 1000)::bigint AS last_used_ms,
             (extract(epoch FROM k.expires_at) * 1000)::bigint AS expires_ms,
             (extract(epoch FROM k.revoked_at) * 1000)::bigint AS revoked_ms
           FROM api_keys k LEFT JOIN api_keys n ON n.replaces = k.id
           WHERE k.tenant_id = $1 AND ($2::uuid IS NULL OR k.id = $2)
             AND ($3::bigint IS NULL
               OR (k.created_at, k.id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4::uuid))
           ORDER BY k.created_at DESC, k.id DESC LIMIT $5"#,
        tenant_id,
        id,
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(executor)
    .await?;
    Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id }).try_map(|row| {
        Ok(TenantKey {
            id: row.id,
            public_key: row.public_key,
            status: KeyStatus::from_text(&row.status)
                .ok_or_else(|| Error::UnexpectedResponse(format!("key status {}", row.status)))?,
            created_at: Timestamp(row.created_us.div_euclid(1000)),
            last_used_at: row.last_used_ms.map(Timestamp),
            expires_at: row.expires_ms.map(Timestamp),
            revoked_at: row.revoked_ms.map(Timestamp),
            replaced_by: row.replaced_by,
        })
    })
}
