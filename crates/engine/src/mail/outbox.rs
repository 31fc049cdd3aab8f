use std::sync::Arc;

use async_trait::async_trait;
use connectors::{
    EncryptedSecret, Vault,
    mail::{MessageState, Outbox, OutgoingMail},
};
use database::Database;
use domain::jobs::StepFailure;
use uuid::Uuid;

use super::TOKEN_FIELD;
use crate::pipeline::database_failure;

/// The messages in the table `outbox_messages`, for the step that delivers them.
#[derive(Debug)]
pub(crate) struct DatabaseOutbox {
    database: Arc<Database>,
    vault: Vault,
}

impl DatabaseOutbox {
    pub(crate) fn new(database: Arc<Database>, vault: Vault) -> Self {
        Self { database, vault }
    }
}

#[async_trait]
impl Outbox for DatabaseOutbox {
    async fn check(&self, message_id: Uuid, job_id: Uuid) -> Result<MessageState, StepFailure> {
        let state = sqlx::query_scalar!(r#"SELECT check_message($1, $2) AS "state!""#, message_id, job_id)
            .fetch_one(&self.database.pool())
            .await
            .map_err(|error| database_failure(&error))?;
        Ok(match state.as_str() {
            "deliver" => MessageState::Deliver,
            "interrupted" => MessageState::Interrupted,
            _ => MessageState::Done(state),
        })
    }

    async fn load(&self, message_id: Uuid) -> Result<Option<OutgoingMail>, StepFailure> {
        let row = sqlx::query!(
            "SELECT recipient_name, recipient_address, origin, content, wrapped_key, ciphertext
             FROM outbox_messages WHERE id = $1 AND status = 'pending'",
            message_id
        )
        .fetch_optional(&self.database.pool())
        .await
        .map_err(|error| database_failure(&error))?;
        let Some(row) = row else { return Ok(None) };
        let sealed = row.wrapped_key.zip(row.ciphertext);
        let sealed = sealed.map(|(wrapped_key, ciphertext)| EncryptedSecret { wrapped_key, ciphertext });
        let token = sealed.map(|sealed| self.vault.open(message_id, TOKEN_FIELD, &sealed)).transpose()?;
        let content = serde_json::from_value(row.content)
            .map_err(|_| StepFailure::permanent("this version does not know this kind of message"))?;
        Ok(Some(OutgoingMail {
            id: message_id,
            recipient_name: row.recipient_name,
            recipient_address: row.recipient_address,
            origin: row.origin,
            content,
            token,
        }))
    }

    async fn begin_transmission(
        &self,
        message_id: Uuid,
        job_id: Uuid,
        transmission_id: Uuid,
    ) -> Result<bool, StepFailure> {
        sqlx::query_scalar!(
            r#"SELECT begin_transmission($1, $2, $3) AS "has_begun!""#,
            message_id,
            job_id,
            transmission_id
        )
        .fetch_one(&self.database.pool())
        .await
        .map_err(|error| database_failure(&error))
    }

    async fn abort_transmission(&self, message_id: Uuid, transmission_id: Uuid) -> Result<(), StepFailure> {
        sqlx::query!("SELECT abort_transmission($1, $2)", message_id, transmission_id)
            .execute(&self.database.pool())
            .await
            .map_err(|error| database_failure(&error))?;
        Ok(())
    }

    async fn confirm(&self, message_id: Uuid, transmission_id: Uuid) -> Result<(), StepFailure> {
        sqlx::query!("SELECT confirm_message($1, $2)", message_id, transmission_id)
            .execute(&self.database.pool())
            .await
            .map_err(|error| database_failure(&error))?;
        Ok(())
    }

    async fn mark_unconfirmed(
        &self,
        message_id: Uuid,
        transmission_id: Uuid,
        reason: &str,
    ) -> Result<(), StepFailure> {
        sqlx::query!("SELECT mark_message_unconfirmed($1, $2, $3)", message_id, transmission_id, reason)
            .execute(&self.database.pool())
            .await
            .map_err(|error| database_failure(&error))?;
        Ok(())
    }

    async fn record_failure(&self, message_id: Uuid, reason: &str) -> Result<(), StepFailure> {
        sqlx::query!(
            "UPDATE outbox_messages SET error = $2 WHERE id = $1 AND status = 'pending'",
            message_id,
            reason
        )
        .execute(&self.database.pool())
        .await
        .map_err(|error| database_failure(&error))?;
        Ok(())
    }
}
