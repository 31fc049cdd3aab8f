use domain::{ErrorCode, Problem, lifecycle::parse_suspension_reason};
use serde_json::json;

use super::{super::lookup::find_tenant_or_deleted, change::Change, sign_up_mail::send_refusal};
use crate::{
    Engine, Error,
    access::{Actor, AuditActor},
    mail,
};

/// Declines the tenant of a sign-up that waits for approval: deletes the tenant, and the account of its owner
/// if nothing else uses the account. The slug and the e-mail address become available. Tells the person, but
/// not the reason. Audited. `origin` is the start of the links in the mail.
///
/// # Errors
/// `FORBIDDEN`; `VALIDATION_ERROR` without a reason; `TENANT_NOT_FOUND`; `INVALID_TRANSITION` unless the
/// tenant waits for approval; the database's error.
pub async fn decline_tenant(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    reason: &str,
    origin: &str,
) -> Result<(), Error> {
    by.require_provisioning()?;
    let reason = parse_suspension_reason(reason)
        .map_err(|problem| Problem { errors: vec![problem], ..ErrorCode::ValidationError.into() })?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut change = Change::begin(engine, by, id).await?;
    let awaits_approval = sqlx::query_scalar!(
        "SELECT awaits_approval AND status = 'pending_activation' FROM tenants WHERE id = $1",
        id
    )
    .fetch_one(&mut change.transaction)
    .await?;
    if awaits_approval != Some(true) {
        let sentence = "Only a tenant from a sign-up that waits for approval can be declined.";
        return Err(change.refuse("not_awaiting_approval", sentence));
    }
    send_refusal(&mut change, origin).await?;
    let request_id = change.request_id();
    let after = Some(json!({ "reason": reason }));
    change.record((id, request_id), "tenant.sign_up_declined", None, after).await?;
    // The idempotency key of the request is the ID of the sign-up, also before the owner has chosen a password.
    sqlx::query!(
        "DELETE FROM sign_ups WHERE id = (SELECT idempotency_key FROM provisioning_requests WHERE id = $1)",
        request_id
    )
    .execute(&mut change.transaction)
    .await?;
    sqlx::query_scalar!(
        "SELECT rollback_provisioning($1, $2, $3)",
        request_id,
        AuditActor::from(by).id,
        reason
    )
    .fetch_one(&mut change.transaction)
    .await?;
    change.transaction.commit().await?;
    engine.announce(request_id);
    mail::wake_worker(engine);
    Ok(())
}
