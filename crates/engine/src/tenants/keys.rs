use database::Transaction;
use domain::{
    ErrorCode, FieldProblem, Problem, Timestamp,
    api_key::{ApiKey, ApiKeyKind},
    idempotency_key::IdempotencyKey,
    tenant_key::{IssuedKey, KeyStatus, MAX_WORKING_KEYS, Overlap, TenantKey},
};
use serde_json::json;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{
    lookup::{LockedTenant, find_tenant},
    scope::{Access, Scope, TenantCaller},
};
use crate::{
    Engine, Error,
    access::{Actor, AuditActor},
    page::{Cursor, Page, PageRequest},
    secret::hash,
};

/// The `next_step` in the response to a repeated call.
const REPLAY_NEXT_STEP: &str = "The secret key was in the first response. \
    If that response was lost, rotate this key with a new Idempotency-Key.";

/// A key pair to create.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The name, which no other working key pair of the tenant has.
    pub name: String,
    /// A repeated call with the same idempotency key creates nothing.
    pub idempotency_key: Option<IdempotencyKey>,
}

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

/// Creates a key pair with a name, and returns its secret key. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `DUPLICATE_KEY` if a working key pair has the name;
/// `INVALID_TRANSITION` if the tenant has [`MAX_WORKING_KEYS`]; `IDEMPOTENCY_KEY_REUSED` if the idempotency
/// key belongs to another call; the database's error.
pub async fn create_key(engine: &Engine, by: &Actor, tenant: &str, new: &NewKey) -> Result<IssuedKey, Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    let mut transaction = engine.pool().begin().await?;
    let tenant = LockedTenant::lock(&mut transaction, by, tenant_id).await?;
    let is_same = |earlier: &EarlierCall| earlier.replaces.is_none() && earlier.name == new.name;
    if let Some(replayed) = find_issued(&mut transaction, &tenant, &new.idempotency_key, is_same).await? {
        transaction.commit().await?;
        return Ok(replayed);
    }
    check_name(&mut transaction, tenant.id, &new.name).await?;
    let pair = KeyPair::new(&tenant)?;
    let id = insert_new(&mut transaction, tenant.id, new, &pair).await?;
    let after = json!({ "keyId": id, "publicKey": pair.public.expose(), "name": new.name });
    tenant.change("key.created", None, Some(after)).record(&mut transaction, by).await?;
    let key = read_key(&mut transaction, tenant.id, id).await?;
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    Ok(pair.issued_as(key))
}

/// Replaces a key pair with a new one, and returns the new secret key. The replaced pair works until the
/// overlap ends. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown key; `KEY_REPLACED` if the key was
/// already replaced; `IDEMPOTENCY_KEY_REUSED` if the idempotency key belongs to another call; the database's
/// error.
pub async fn rotate_key(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    rotation: &Rotation,
) -> Result<IssuedKey, Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    let mut transaction = engine.pool().begin().await?;
    let tenant = LockedTenant::lock(&mut transaction, by, tenant_id).await?;
    let issued = rotate(&mut transaction, &tenant, by.into(), rotation).await?;
    transaction.commit().await?;
    engine.announce(tenant.request_id);
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
        let (transaction, tenant, author) = scope.parts();
        let issued = rotate(transaction, tenant, author, &rotation).await?;
        Ok((issued, tenant.request_id))
    });
    let (issued, request_id) = issued.await?;
    engine.announce(request_id);
    Ok(issued)
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

/// The keys of a new pair.
struct KeyPair {
    public: ApiKey,
    secret: ApiKey,
}

impl KeyPair {
    fn new(tenant: &LockedTenant) -> Result<Self, Error> {
        let slug = tenant.slug()?;
        let assemble = |kind| ApiKey::assemble(kind, &slug, &rand::random());
        Ok(Self { public: assemble(ApiKeyKind::Public), secret: assemble(ApiKeyKind::Secret) })
    }

    /// The result of the call that stored the pair as `key`.
    fn issued_as(self, key: TenantKey) -> IssuedKey {
        let secret_key = Some(self.secret.expose().to_owned());
        IssuedKey { key, secret_key, secret_key_revealed: false, next_step: None }
    }
}

/// What an earlier call with the same idempotency key asked for.
struct EarlierCall {
    id: Uuid,
    tenant_id: Uuid,
    name: String,
    replaces: Option<Uuid>,
    overlap_hours: Option<i16>,
}

/// Returns the result of the earlier call with the same idempotency key, without the secret key.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` if that call was for another tenant, or if `is_same` is false for it.
async fn find_issued(
    transaction: &mut Transaction,
    tenant: &LockedTenant,
    idempotency_key: &Option<IdempotencyKey>,
    is_same: impl FnOnce(&EarlierCall) -> bool,
) -> Result<Option<IssuedKey>, Error> {
    let Some(idempotency_key) = idempotency_key else { return Ok(None) };
    let found = sqlx::query_as!(
        EarlierCall,
        "SELECT id, tenant_id, name, replaces, overlap_hours FROM api_keys WHERE idempotency_key = $1",
        idempotency_key.uuid()
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(found) = found else { return Ok(None) };
    if found.tenant_id != tenant.id || !is_same(&found) {
        return Err(ErrorCode::IdempotencyKeyReused.into());
    }
    let key = read_key(transaction, tenant.id, found.id).await?;
    let next_step = Some(REPLAY_NEXT_STEP.to_owned());
    Ok(Some(IssuedKey { key, secret_key: None, secret_key_revealed: true, next_step }))
}

/// Fails if a working key pair has the name, or if there are too many working key pairs. Pairs that were
/// replaced do not count.
async fn check_name(transaction: &mut Transaction, tenant_id: Uuid, name: &str) -> Result<(), Error> {
    let names = sqlx::query_scalar!(
        "SELECT name FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_at IS NULL",
        tenant_id
    )
    .fetch_all(transaction)
    .await?;
    if names.iter().any(|other| other == name) {
        let message = "An API key of the tenant has this name. Choose another one.";
        let errors = vec![FieldProblem::new("name", "taken", message)];
        return Err(Problem { errors, ..ErrorCode::DuplicateKey.into() }.into());
    }
    if names.len() >= MAX_WORKING_KEYS.into() {
        let message = format!("The tenant has {MAX_WORKING_KEYS} API keys. Revoke one first.");
        let errors = vec![FieldProblem::new("", "too_many_keys", &message)];
        return Err(Problem { errors, ..ErrorCode::InvalidTransition.into() }.into());
    }
    Ok(())
}

/// Inserts a key pair that replaces none, and returns its ID.
async fn insert_new(
    transaction: &mut Transaction,
    tenant_id: Uuid,
    new: &NewKey,
    pair: &KeyPair,
) -> Result<Uuid, Error> {
    let inserted = sqlx::query_scalar!(
        "INSERT INTO api_keys (tenant_id, public_key, secret_hash, created_at, name, idempotency_key)
         VALUES ($1, $2, $3, clock_timestamp(), $4, $5)
         ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id",
        tenant_id,
        pair.public.expose(),
        &hash(pair.secret.expose())[..],
        new.name,
        new.idempotency_key.as_ref().map(IdempotencyKey::uuid)
    )
    .fetch_optional(transaction)
    .await?;
    // A call for another tenant used the idempotency key at the same time.
    inserted.ok_or_else(|| ErrorCode::IdempotencyKeyReused.into())
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
        "WITH replaced AS (
             UPDATE api_keys SET expires_at = clock_timestamp() + make_interval(hours => $1::smallint)
             WHERE id = $2 RETURNING id, tenant_id, name
         )
         INSERT INTO api_keys
             (tenant_id, public_key, secret_hash, created_at, name, replaces, overlap_hours, idempotency_key)
         SELECT tenant_id, $3, $4, clock_timestamp(), name, id, $1, $5 FROM replaced
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
        r#"SELECT k.id, k.name, k.public_key, n.id AS "replaced_by?",
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
            name: row.name,
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
