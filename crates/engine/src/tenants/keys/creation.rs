use database::Transaction;
use domain::{
    ErrorCode, FieldProblem, Problem,
    idempotency_key::IdempotencyKey,
    tenant_key::{IssuedKey, MAX_WORKING_KEYS},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    issue::{EarlierCall, KeyPair, find_issued},
    stored::read_key,
};
use crate::{
    Engine, Error,
    secret::hash,
    tenants::scope::{Access, Scope, TenantCaller},
};

/// A key pair to create.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The name, which no other working key pair of the tenant has.
    pub name: String,
    /// A repeated call with the same idempotency key creates nothing.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Creates a key pair with a name, and returns its secret key. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `FORBIDDEN`; `DUPLICATE_KEY` if a working key pair has the name;
/// `INVALID_TRANSITION` if the tenant has [`MAX_WORKING_KEYS`]; `IDEMPOTENCY_KEY_REUSED` if the idempotency
/// key belongs to another call; the database's error.
pub async fn create_key(engine: &Engine, by: &TenantCaller, new: &NewKey) -> Result<IssuedKey, Error> {
    let issued = by.run(engine, Access::Change, async |scope: &mut Scope| {
        scope.require_key_management()?;
        Ok((create(scope, new).await?, scope.tenant.request_id))
    });
    let (issued, request_id) = issued.await?;
    engine.announce(request_id);
    Ok(issued)
}

async fn create(scope: &mut Scope, new: &NewKey) -> Result<IssuedKey, Error> {
    let (transaction, tenant, _) = scope.parts();
    let is_same = |earlier: &EarlierCall| earlier.replaces.is_none() && earlier.name == new.name;
    if let Some(replayed) = find_issued(transaction, tenant, &new.idempotency_key, is_same).await? {
        return Ok(replayed);
    }
    check_name(transaction, tenant.id, &new.name).await?;
    let pair = KeyPair::new(tenant)?;
    let id = insert_new(transaction, tenant.id, new, &pair).await?;
    let after = json!({ "keyId": id, "publicKey": pair.public.expose(), "name": new.name });
    scope.record("key.created", None, Some(after)).await?;
    Ok(pair.issued_as(read_key(&mut scope.transaction, scope.tenant.id, id).await?))
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
