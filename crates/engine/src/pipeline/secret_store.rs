use std::sync::Arc;

use async_trait::async_trait;
use connectors::{EncryptedSecret, SecretStore};
use database::Database;
use domain::jobs::StepFailure;
use uuid::Uuid;

use super::database_failure;

/// Stores the encrypted secrets of tenants in the table `tenant_secrets`.
#[derive(Debug)]
pub(crate) struct DatabaseSecretStore(pub(crate) Arc<Database>);

#[async_trait]
impl SecretStore for DatabaseSecretStore {
    async fn find(&self, tenant_id: Uuid, field: &str) -> Result<Option<EncryptedSecret>, StepFailure> {
        sqlx::query_as!(
            EncryptedSecret,
            "SELECT wrapped_key, ciphertext FROM tenant_secrets WHERE tenant_id = $1 AND field = $2",
            tenant_id,
            field
        )
        .fetch_optional(&self.0.pool())
        .await
        .map_err(|error| database_failure(&error))
    }

    async fn insert_if_missing(
        &self,
        tenant_id: Uuid,
        field: &str,
        secret: EncryptedSecret,
    ) -> Result<(), StepFailure> {
        sqlx::query!(
            "INSERT INTO tenant_secrets (tenant_id, field, wrapped_key, ciphertext) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            tenant_id,
            field,
            secret.wrapped_key,
            secret.ciphertext
        )
        .execute(&self.0.pool())
        .await
        .map_err(|error| database_failure(&error))?;
        Ok(())
    }
}
