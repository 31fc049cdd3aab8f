use domain::{
    ErrorCode, Problem, TenantStatus,
    lifecycle::{ChangedTenant, LifecycleChange, check_typed_slug},
};
use serde_json::json;

use super::{super::lookup::find_tenant_or_deleted, change::Change};
use crate::{Engine, Error, access::Actor};

/// Deletes a tenant. The admin confirms the deletion with the slug. The tenant can be restored for
/// 30 days, in which its slug stays taken and its external systems refuse access. Then it is purged. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `INVALID_TRANSITION` if the tenant is deleted, is being provisioned or is
/// being rolled back; `VALIDATION_ERROR` if `typed_slug` is not its slug; the database's error.
pub async fn delete_tenant(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    typed_slug: &str,
) -> Result<ChangedTenant, Error> {
    by.require_provisioning()?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut change = Change::begin(engine, by, id).await?;
    match change.tenant.status {
        TenantStatus::Deleted => return Err(change.refuse("deleted", "It is purged later.")),
        TenantStatus::Provisioning => {
            return Err(change.refuse("provisioning", "Roll its request back instead of deleting it."));
        }
        _ => {}
    }
    check_typed_slug(typed_slug, &change.tenant.slug)
        .map_err(|problem| Problem { errors: vec![problem], ..ErrorCode::ValidationError.into() })?;
    let is_rolling_back = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM jobs WHERE tenant_id = $1 AND creates_tenant AND state = 'dead'
             AND rollback_began_at IS NOT NULL) AS "is_rolling_back!""#,
        id
    )
    .fetch_one(&mut change.transaction)
    .await?;
    if is_rolling_back {
        return Err(change.refuse("rolling_back", "Its rollback has begun, and deletes it."));
    }
    change.pause_jobs("The tenant was deleted.").await?;
    sqlx::query!("UPDATE tenants SET status = 'deleted' WHERE id = $1", id)
        .execute(&mut change.transaction)
        .await?;
    change.enqueue_job(LifecycleChange::Delete).await?;
    let before = json!({ "status": change.tenant.status });
    change.finish("tenant.deleted", before, json!({ "status": TenantStatus::Deleted })).await
}

/// Restores a deleted tenant to the status that it had before. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND` after the purge; `INVALID_TRANSITION` unless the tenant is deleted and
/// can still be restored; the database's error.
pub async fn restore_tenant(engine: &Engine, by: &Actor, tenant: &str) -> Result<ChangedTenant, Error> {
    by.require_provisioning()?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut change = Change::begin(engine, by, id).await?;
    let status_before = match (change.tenant.status, change.tenant.status_before_deletion) {
        (TenantStatus::Deleted, Some(status)) => status,
        _ => return Err(change.refuse("not_deleted", "Only a deleted tenant can be restored.")),
    };
    let is_restorable = sqlx::query_scalar!(
        r#"SELECT deleted_at > clock_timestamp() - interval '30 days' AS "is_restorable!"
           FROM tenants WHERE id = $1"#,
        id
    )
    .fetch_one(&mut change.transaction)
    .await?;
    if !is_restorable {
        return Err(change.refuse("too_late", "It could be restored for 30 days, and is being purged."));
    }
    sqlx::query!("UPDATE tenants SET status = status_before_deletion WHERE id = $1", id)
        .execute(&mut change.transaction)
        .await?;
    change.resume_jobs().await?;
    change.enqueue_job(LifecycleChange::Restore).await?;
    let before = json!({ "status": TenantStatus::Deleted });
    change.finish("tenant.restored", before, json!({ "status": status_before })).await
}
