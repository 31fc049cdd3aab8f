use database::Transaction;
use domain::{ErrorCode, TenantStatus};
use secrecy::SecretString;
use uuid::Uuid;

use crate::Error;

/// The result of a completed sign-up.
#[derive(Debug)]
pub struct SignedUp {
    /// The token of the owner's session.
    pub session: SecretString,
    /// The ID of the tenant.
    pub tenant_id: Uuid,
    /// The code of the tenant.
    pub code: String,
    /// The slug of the tenant.
    pub slug: String,
    /// The status of the tenant.
    pub status: TenantStatus,
}

/// The tenant of a sign-up.
pub(super) struct SignUpTenant {
    pub id: Uuid,
    code: String,
    slug: String,
    pub name: String,
    status: TenantStatus,
    pub owner_id: Uuid,
    pub awaits_approval: bool,
}

impl SignUpTenant {
    pub(super) fn with_session(self, session: SecretString) -> SignedUp {
        let Self { id, code, slug, status, .. } = self;
        SignedUp { session, tenant_id: id, code, slug, status }
    }
}

/// Reads the tenant of a request. Locks the tenant against a suspension or a deletion until the end of the
/// transaction.
pub(super) async fn lock_tenant(
    transaction: &mut Transaction,
    request_id: Uuid,
) -> Result<SignUpTenant, Error> {
    let row = sqlx::query!(
        r#"SELECT id, code, slug, name, status, owner_id AS "owner_id!", awaits_approval FROM tenants
           WHERE request_id = $1 AND status <> 'deleted' AND owner_id IS NOT NULL FOR SHARE"#,
        request_id
    )
    .fetch_optional(transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let status =
        TenantStatus::from_text(&row.status).ok_or_else(|| Error::unexpected("status", &row.status))?;
    if status == TenantStatus::Suspended {
        return Err(ErrorCode::TenantSuspended.into());
    }
    Ok(SignUpTenant {
        id: row.id,
        code: row.code,
        slug: row.slug,
        name: row.name,
        status,
        owner_id: row.owner_id,
        awaits_approval: row.awaits_approval,
    })
}
