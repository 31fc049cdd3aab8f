use database::Transaction;
use domain::{
    ErrorCode,
    api_key::{ApiKey, ApiKeyKind},
    idempotency_key::IdempotencyKey,
    tenant_key::{IssuedKey, TenantKey},
};
use uuid::Uuid;

use super::stored::read_key;
use crate::{Error, tenants::lookup::LockedTenant};

/// The `next_step` in the response to a repeated call.
const REPLAY_NEXT_STEP: &str = "The secret key was in the first response. \
    If that response was lost, rotate this key with a new Idempotency-Key.";

/// The keys of a new pair.
pub(super) struct KeyPair {
    pub public: ApiKey,
    pub secret: ApiKey,
}

impl KeyPair {
    pub(super) fn new(tenant: &LockedTenant) -> Result<Self, Error> {
        let slug = tenant.slug()?;
        let assemble = |kind| ApiKey::assemble(kind, &slug, &rand::random());
        Ok(Self { public: assemble(ApiKeyKind::Public), secret: assemble(ApiKeyKind::Secret) })
    }

    /// The result of the call that stored the pair as `key`.
    pub(super) fn issued_as(self, key: TenantKey) -> IssuedKey {
        let secret_key = Some(self.secret.expose().to_owned());
        IssuedKey { key, secret_key, secret_key_revealed: false, next_step: None }
    }
}

/// What an earlier call with the same idempotency key asked for.
pub(super) struct EarlierCall {
    id: Uuid,
    tenant_id: Uuid,
    pub name: String,
    pub replaces: Option<Uuid>,
    pub overlap_hours: Option<i16>,
}

/// Returns the result of the earlier call with the same idempotency key, without the secret key.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` if that call was for another tenant, or if `is_same` is false for it.
pub(super) async fn find_issued(
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
