use domain::{
    ErrorCode, Problem, TenantStatus,
    lifecycle::{ChangedTenant, LifecycleChange, parse_suspension_reason},
};
use serde_json::json;

use super::{super::lookup::find_tenant_or_deleted, change::Change};
use crate::{Engine, Error, access::Actor};

/// Suspends an active tenant: its invitations and its jobs stop immediately, and a job ends the access in the
/// external systems. Audited.
///
/// # Errors
/// `FORBIDDEN`; `VALIDATION_ERROR` without a reason; `TENANT_NOT_FOUND`; `INVALID_TRANSITION` unless the
/// tenant is active; the database's error.
pub async fn suspend_tenant(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    reason: &str,
) -> Result<ChangedTenant, Error> {
    by.require_provisioning()?;
    let reason = parse_suspension_reason(reason)
        .map_err(|problem| Problem { errors: vec![problem], ..ErrorCode::ValidationError.into() })?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let change = Change::begin(engine, by, id).await?;
    change.require(TenantStatus::Active, "not_active", "Only an active tenant can be suspended.")?;
    suspend(change, &reason).await
}

/// Suspends the active tenant of a change.
pub(super) async fn suspend(mut change: Change<'_>, reason: &str) -> Result<ChangedTenant, Error> {
    change.pause_jobs("The tenant was suspended.").await?;
    sqlx::query!(
        "UPDATE tenants SET status = 'suspended', suspension_reason = $2 WHERE id = $1",
        change.tenant.id,
        reason
    )
    .execute(&mut change.transaction)
    .await?;
    change.enqueue_job(LifecycleChange::Suspend).await?;
    let before = json!({ "status": change.tenant.status });
    let after = json!({ "status": TenantStatus::Suspended, "reason": reason });
    change.finish("tenant.suspended", before, after).await
}

/// Resumes a suspended tenant: its invitations and its jobs continue, and a job restores the access in the
/// external systems. A trial that has ended is removed. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `INVALID_TRANSITION` unless the tenant is suspended; the database's
/// error.
pub async fn resume_tenant(engine: &Engine, by: &Actor, tenant: &str) -> Result<ChangedTenant, Error> {
    by.require_provisioning()?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut change = Change::begin(engine, by, id).await?;
    change.require(TenantStatus::Suspended, "not_suspended", "Only a suspended tenant can be resumed.")?;
    let trial_has_ended = sqlx::query_scalar!(
        r#"UPDATE tenants t SET status = 'active',
             trial_ends_at = CASE WHEN t.trial_ends_at > clock_timestamp() THEN t.trial_ends_at END
           WHERE id = $1 RETURNING trial_ends_at IS NULL AS "is_removed!""#,
        id
    )
    .fetch_one(&mut change.transaction)
    .await?;
    change.resume_jobs().await?;
    change.enqueue_job(LifecycleChange::Resume).await?;
    let reason = change.tenant.suspension_reason.clone();
    let mut before = json!({ "status": change.tenant.status, "reason": reason });
    let mut after = json!({ "status": TenantStatus::Active });
    if let Some(trial_ends_at) = change.tenant.trial_ends_at.filter(|_| trial_has_ended) {
        before["trialEndsAt"] = json!(trial_ends_at);
        after["trialEndsAt"] = json!(null);
    }
    change.finish("tenant.resumed", before, after).await
}
