use domain::{
    ErrorCode, TenantStatus, Timestamp,
    defaults::Commission,
    lifecycle::{ChangedTenant, OwnerAccount, restorable_until},
};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{Error, tenants::quotas::read_overrides};

/// A tenant, and the ID of the request that created it.
#[derive(Debug)]
pub(super) struct StoredTenant {
    pub record: ChangedTenant,
    pub request_id: Uuid,
}

/// Reads a tenant that is not purged.
///
/// # Errors
/// `TENANT_NOT_FOUND`; the database's error.
pub(super) async fn read_tenant(executor: impl PgExecutor<'_>, id: Uuid) -> Result<StoredTenant, Error> {
    let row = sqlx::query!(
        r#"SELECT t.code, t.slug, t.name, t.short_name, t.status, t.plan, t.commission_basis_points, t.request_id,
             t.suspension_reason, t.status_before_deletion, t.version, t.quota_overrides, t.feature_overrides,
             u.id AS "owner_id?", u.name AS "owner_name?", u.email AS "owner_email?",
             (extract(epoch FROM t.trial_ends_at) * 1000)::bigint AS trial_ends_ms,
             (extract(epoch FROM t.created_at) * 1000)::bigint AS "created_ms!",
             (extract(epoch FROM t.activated_at) * 1000)::bigint AS activated_ms,
             (extract(epoch FROM t.suspended_at) * 1000)::bigint AS suspended_ms,
             (extract(epoch FROM t.deleted_at) * 1000)::bigint AS deleted_ms
           FROM tenants t LEFT JOIN users u ON u.id = t.owner_id WHERE t.id = $1 AND t.purged_at IS NULL"#,
        id
    )
    .fetch_optional(executor)
    .await?
    .ok_or(ErrorCode::TenantNotFound)?;
    let unexpected = |what: &str, value: &str| Error::UnexpectedResponse(format!("{what} {value}"));
    let status = |text: &str| TenantStatus::from_text(text).ok_or_else(|| unexpected("status", text));
    let basis_points = row.commission_basis_points;
    let commission = u16::try_from(basis_points).ok().and_then(|bp| Commission::from_basis_points(bp).ok());
    let owner = row.owner_id.zip(row.owner_name).zip(row.owner_email);
    let record = ChangedTenant {
        id,
        code: row.code,
        slug: row.slug,
        name: row.name,
        short_name: row.short_name,
        status: status(&row.status)?,
        plan: row.plan,
        quota_overrides: read_overrides(row.quota_overrides)?,
        feature_overrides: read_overrides(row.feature_overrides)?,
        commission_percent: commission.ok_or_else(|| unexpected("commission", &basis_points.to_string()))?,
        owner: owner.map(|((id, name), email)| OwnerAccount { id, name, email }),
        trial_ends_at: row.trial_ends_ms.map(Timestamp),
        created_at: Timestamp(row.created_ms),
        activated_at: row.activated_ms.map(Timestamp),
        suspended_at: row.suspended_ms.map(Timestamp),
        suspension_reason: row.suspension_reason,
        deleted_at: row.deleted_ms.map(Timestamp),
        restorable_until: row.deleted_ms.map(restorable_until),
        status_before_deletion: row.status_before_deletion.as_deref().map(status).transpose()?,
        version: row.version.unsigned_abs(),
    };
    Ok(StoredTenant { record, request_id: row.request_id })
}
