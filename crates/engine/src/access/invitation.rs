use domain::{ErrorCode, password::Password};

use super::password;
use crate::{Engine, Error, secret::hash};

/// An invitation that the owner of the tenant can still accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The name of the owner.
    pub owner_name: String,
    /// The owner's e-mail address as it was entered.
    pub owner_email: String,
    /// The name of the tenant.
    pub tenant_name: String,
}

/// Returns the invitation of a link that can still be used.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired or unknown link.
pub async fn open_invitation(engine: &Engine, token: &str) -> Result<Invitation, Error> {
    sqlx::query_as!(
        Invitation,
        "SELECT u.name AS owner_name, u.email AS owner_email, t.name AS tenant_name
         FROM one_time_tokens o JOIN users u ON u.id = o.user_id JOIN tenants t ON t.id = o.tenant_id
         WHERE o.token_hash = $1 AND o.purpose = 'owner_invitation' AND o.used_at IS NULL AND o.expires_at > now()",
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or_else(|| ErrorCode::ResourceNotFound.into())
}

/// Sets the owner's password. The link works once, even if two calls use the link at the same time.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired or unknown link.
pub async fn accept_invitation(engine: &Engine, token: &str, secret: &Password) -> Result<(), Error> {
    let password_hash = password::hash(engine, secret).await?;
    let accepted = sqlx::query!(
        "WITH used AS (
             UPDATE one_time_tokens SET used_at = now()
             WHERE token_hash = $1 AND purpose = 'owner_invitation' AND used_at IS NULL AND expires_at > now()
             RETURNING user_id, tenant_id
         ), audited AS (
             INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id)
             SELECT u.id, u.name, 'owner.joined', 'tenant', used.tenant_id FROM used JOIN users u ON u.id = used.user_id
         )
         UPDATE users SET password_hash = $2 WHERE id = (SELECT user_id FROM used)",
        &hash(token)[..],
        password_hash
    )
    .execute(&engine.pool())
    .await?;
    if accepted.rows_affected() == 1 { Ok(()) } else { Err(ErrorCode::ResourceNotFound.into()) }
}
