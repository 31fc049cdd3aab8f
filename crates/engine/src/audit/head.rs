use domain::Timestamp;

use super::head_file::SignedHead;
use crate::Engine;

/// Signs the head of the chain. `None` if the chain is empty.
///
/// # Errors
/// The database's error.
pub async fn sign_head(engine: &Engine) -> Result<Option<SignedHead>, sqlx::Error> {
    let tail = sqlx::query!(
        r#"SELECT position, chain_hash, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "now_ms!"
           FROM audit_chain ORDER BY position DESC LIMIT 1"#
    )
    .fetch_optional(&engine.pool())
    .await?;
    Ok(tail.and_then(|tail| {
        SignedHead::sign(&engine.master_key, tail.position, &tail.chain_hash, Timestamp(tail.now_ms))
    }))
}
