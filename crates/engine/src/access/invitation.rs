use database::Transaction;
use domain::{ErrorCode, password::Password};

use super::{
    audit::{AuditActor, tenant_change},
    password,
};
use crate::{Engine, Error, secret::hash};

/// The invitation of a tenant's owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The name of the owner.
    pub owner_name: String,
    /// The owner's e-mail address as it was entered.
    pub owner_email: String,
    /// The name of the tenant.
    pub tenant_name: String,
}

/// An invitation whose link can be used or is not needed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationLink {
    /// The owner can still accept the invitation.
    Open(Invitation),
    /// The owner has a password: from this invitation, or from one to another tenant. No link changes it. The
    /// link also reveals nothing about the account, because it may have been sent to a former address.
    Accepted,
}

/// Returns the invitation of a link that can still be used, or was used.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an expired, revoked or unknown link, or a deleted tenant; `TENANT_SUSPENDED`.
pub async fn find_invitation(engine: &Engine, token: &str) -> Result<InvitationLink, Error> {
    let row = sqlx::query!(
        r#"SELECT u.name AS owner_name, u.email AS owner_email, t.name AS tenant_name,
           o.used_at IS NOT NULL OR u.password_hash IS NOT NULL AS "is_accepted!", t.status = 'suspended' AS "is_suspended!"
         FROM one_time_tokens o JOIN users u ON u.id = o.user_id JOIN tenants t ON t.id = o.tenant_id
         WHERE o.token_hash = $1 AND t.status <> 'deleted' AND o.purpose = 'owner_invitation' AND (o.used_at IS NOT NULL
             OR o.expires_at > now() AND o.revoked_at IS NULL)"#,
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    if row.is_suspended {
        return Err(ErrorCode::TenantSuspended.into());
    }
    if row.is_accepted {
        return Ok(InvitationLink::Accepted);
    }
    Ok(InvitationLink::Open(Invitation {
        owner_name: row.owner_name,
        owner_email: row.owner_email,
        tenant_name: row.tenant_name,
    }))
}

/// Sets the owner's first password. Of all links to the tenants of the account, one works, once, even if calls
/// use them at the same time. Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired, revoked or unknown link, a link of an account with a password, or
/// a deleted tenant; `TENANT_SUSPENDED`.
pub async fn accept_invitation(engine: &Engine, token: &str, secret: &Password) -> Result<(), Error> {
    let password_hash = password::hash(engine, secret).await?;
    let mut transaction = engine.pool().begin().await?;
    require_tenant_in_use(&mut transaction, token).await?;
    let owner = sqlx::query!(
        r#"WITH used AS (
             UPDATE one_time_tokens SET used_at = now()
             WHERE token_hash = $1 AND purpose = 'owner_invitation' AND used_at IS NULL AND expires_at > now()
                 AND revoked_at IS NULL
             RETURNING user_id, tenant_id
         )
         UPDATE users SET password_hash = $2 FROM used
         WHERE users.id = used.user_id AND users.password_hash IS NULL
         RETURNING users.id, users.name, used.tenant_id AS "tenant_id!""#,
        &hash(token)[..],
        password_hash
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let actor = AuditActor { id: Some(owner.id), name: &owner.name };
    tenant_change("owner.joined", owner.tenant_id).record(&mut transaction, actor).await?;
    transaction.commit().await?;
    Ok(())
}

/// Locks the tenant of an invitation against a suspension or a deletion until the end of the transaction.
///
/// # Errors
/// `TENANT_SUSPENDED`; `RESOURCE_NOT_FOUND` for a deleted tenant; the database's error.
async fn require_tenant_in_use(transaction: &mut Transaction, token: &str) -> Result<(), Error> {
    let status = sqlx::query_scalar!(
        "SELECT status FROM tenants WHERE id = (SELECT tenant_id FROM one_time_tokens WHERE token_hash = $1) FOR SHARE",
        &hash(token)[..]
    )
    .fetch_optional(transaction)
    .await?;
    match status.as_deref() {
        Some("suspended") => Err(ErrorCode::TenantSuspended.into()),
        Some("deleted") | None => Err(ErrorCode::ResourceNotFound.into()),
        Some(_) => Ok(()),
    }
}
