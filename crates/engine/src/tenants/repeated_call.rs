use database::Transaction;
use domain::{ErrorCode, idempotency_key::IdempotencyKey};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Engine, Error};

/// How long the response of a call is kept for repeated calls.
const RETENTION_DAYS: i32 = 7;

/// A call that creates something of a tenant once for each idempotency key. Calls of a tenant run one after
/// the other, because each locks the tenant.
#[derive(Debug)]
pub(super) struct RepeatedCall {
    key: Uuid,
    fingerprint: [u8; 32],
}

impl RepeatedCall {
    pub(super) fn new(engine: &Engine, key: &IdempotencyKey, body: &Value) -> Self {
        Self { key: key.uuid(), fingerprint: engine.master_key.fingerprint(body) }
    }

    /// Returns the response of an earlier call with the same key.
    ///
    /// # Errors
    /// `IDEMPOTENCY_KEY_REUSED` if that call had another body; the database's error.
    pub(super) async fn find_response<T: DeserializeOwned>(
        &self,
        transaction: &mut Transaction,
        tenant_id: Uuid,
    ) -> Result<Option<T>, Error> {
        let found = sqlx::query!(
            "SELECT fingerprint, response FROM tenant_calls WHERE tenant_id = $1 AND idempotency_key = $2",
            tenant_id,
            self.key
        )
        .fetch_optional(transaction)
        .await?;
        let Some(found) = found else { return Ok(None) };
        if found.fingerprint != self.fingerprint {
            return Err(ErrorCode::IdempotencyKeyReused.into());
        }
        Ok(Some(serde_json::from_value(found.response)?))
    }

    /// Stores the response of this call, unless another call has stored one with the same key.
    pub(super) async fn store_response(
        &self,
        transaction: &mut Transaction,
        tenant_id: Uuid,
        response: &impl Serialize,
    ) -> Result<(), Error> {
        sqlx::query!(
            "INSERT INTO tenant_calls (tenant_id, idempotency_key, fingerprint, response)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            tenant_id,
            self.key,
            &self.fingerprint[..],
            json!(response)
        )
        .execute(transaction)
        .await?;
        Ok(())
    }
}

/// Deletes the responses of calls that are older than seven days.
///
/// # Errors
/// The database's error.
pub(crate) async fn delete_old_calls(engine: &Engine) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM tenant_calls WHERE created_at < now() - make_interval(days => $1)",
        RETENTION_DAYS
    )
    .execute(&engine.pool())
    .await?;
    Ok(())
}
