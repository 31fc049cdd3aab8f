use database::Transaction;
use domain::{ErrorCode, idempotency_key::IdempotencyKey};
use serde_json::Value;
use uuid::Uuid;

use crate::{Engine, Error};

/// The outcome of a call that creates an employee or a token once for each idempotency key.
#[derive(Debug)]
pub enum CreationOutcome<New, Existing> {
    /// The call created it, and returns its secret.
    Created(New),
    /// An earlier call with the same key created it, and returned its secret.
    Replayed(Existing),
}

/// The idempotency key of a call and the fingerprint of its body. Calls with the same key run one after the
/// other, because transactions that change access rights run one at a time.
#[derive(Debug)]
pub(super) struct KeyedCall {
    key: Uuid,
    fingerprint: [u8; 32],
}

impl KeyedCall {
    /// `body` also names the kind of the call.
    pub(super) fn new(engine: &Engine, key: &IdempotencyKey, body: &Value) -> Self {
        Self { key: key.uuid(), fingerprint: engine.master_key.fingerprint(body) }
    }

    /// Returns the ID of the employee or the service that an earlier call with the same key created.
    ///
    /// # Errors
    /// `IDEMPOTENCY_KEY_REUSED` if that call had another body; the database's error.
    pub(super) async fn find_created(&self, transaction: &mut Transaction) -> Result<Option<Uuid>, Error> {
        let found = sqlx::query!(
            r#"SELECT id, fingerprint AS "fingerprint!" FROM employees WHERE idempotency_key = $1"#,
            self.key
        )
        .fetch_optional(transaction)
        .await?;
        match found {
            Some(found) if found.fingerprint != self.fingerprint => {
                Err(ErrorCode::IdempotencyKeyReused.into())
            }
            found => Ok(found.map(|found| found.id)),
        }
    }

    /// Stores that this call created an employee or a service.
    pub(super) async fn store_created(&self, transaction: &mut Transaction, id: Uuid) -> Result<(), Error> {
        sqlx::query!(
            "UPDATE employees SET idempotency_key = $2, fingerprint = $3 WHERE id = $1",
            id,
            self.key,
            &self.fingerprint[..]
        )
        .execute(transaction)
        .await?;
        Ok(())
    }
}
