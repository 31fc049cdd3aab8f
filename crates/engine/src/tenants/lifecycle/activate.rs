use domain::{TenantStatus, lifecycle::ChangedTenant};
use serde_json::json;

use super::{
    super::lookup::find_tenant_or_deleted, change::Change, owner::start_or_activate,
    sign_up_mail::send_approval,
};
use crate::{Engine, Error, access::Actor, mail};

/// The number of packages that a tenant needs.
const PACKAGES: i32 = 1;

/// Activates a complete tenant that is `pending_activation` or `setup_incomplete` and has an owner. Approves
/// the tenant of a sign-up. Steps that waited begin, and the last one activates the tenant; without such
/// steps, it is active at once. Audited. `origin` is the start of the links in the mail to the owner.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `INVALID_TRANSITION` for another status, without an owner, for a tenant
/// that is not complete, or while its steps run; the database's error.
pub async fn activate_tenant(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    origin: &str,
) -> Result<ChangedTenant, Error> {
    by.require_provisioning()?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut change = Change::begin(engine, by, id).await?;
    let former = change.tenant.status;
    if !matches!(former, TenantStatus::PendingActivation | TenantStatus::SetupIncomplete) {
        let sentence =
            "Only a tenant that is pending activation or whose setup is incomplete can be activated.";
        return Err(change.refuse("not_waiting", sentence));
    }
    if change.tenant.owner.is_none() {
        return Err(change.refuse("no_owner", "It has no owner."));
    }
    require_complete(&mut change).await?;
    match steps_of(&mut change).await? {
        Steps::Ended | Steps::Waiting => {}
        Steps::Running => {
            return Err(
                change.refuse("steps_pending", "Its steps have begun, and the last one activates it.")
            );
        }
        Steps::Dead => {
            let sentence = "One of its steps has failed. Retry or skip the step, or roll the request back.";
            return Err(change.refuse("step_dead", sentence));
        }
    }
    approve(&mut change, origin).await?;
    let status = start_or_activate(&mut change).await?;
    let action = match status {
        TenantStatus::Active => "tenant.activated",
        _ => "tenant.activation_approved",
    };
    let activated = change.finish(action, json!({ "status": former }), json!({ "status": status })).await?;
    mail::wake_worker(engine);
    Ok(activated)
}

/// Ends the wait for an approval, and tells the owner. Does nothing for a tenant that does not wait for one.
async fn approve(change: &mut Change<'_>, origin: &str) -> Result<(), Error> {
    let approved = sqlx::query!(
        "UPDATE tenants SET awaits_approval = false WHERE id = $1 AND awaits_approval",
        change.tenant.id
    )
    .execute(&mut change.transaction)
    .await?;
    if approved.rows_affected() == 0 { Ok(()) } else { send_approval(change, origin).await }
}

/// How far the job is that creates the tenant.
#[derive(Debug, Clone, Copy)]
enum Steps {
    Ended,
    Waiting,
    Running,
    Dead,
}

async fn steps_of(change: &mut Change<'_>) -> Result<Steps, Error> {
    let state = sqlx::query_scalar!(
        "SELECT state FROM jobs WHERE tenant_id = $1 AND creates_tenant
             AND state NOT IN ('succeeded', 'skipped', 'compensated')",
        change.tenant.id
    )
    .fetch_optional(&mut change.transaction)
    .await?;
    Ok(match state.as_deref() {
        None => Steps::Ended,
        Some("blocked") => Steps::Waiting,
        Some("dead") => Steps::Dead,
        Some(_) => Steps::Running,
    })
}

/// Checks that the tenant has all of its parts.
async fn require_complete(change: &mut Change<'_>) -> Result<(), Error> {
    let is_complete = sqlx::query_scalar!(
        r#"SELECT tenant_is_complete($1, $2) AS "is_complete!""#,
        change.tenant.id,
        PACKAGES
    )
    .fetch_one(&mut change.transaction)
    .await?;
    if is_complete {
        return Ok(());
    }
    let missing = sqlx::query_scalar!(
        r#"SELECT coalesce(string_agg(part.name, ', '), 'the membership of its owner') AS "missing!" FROM (VALUES
             ('settings', EXISTS (SELECT FROM tenant_settings WHERE tenant_id = $1)),
             ('branding', EXISTS (SELECT FROM tenant_branding WHERE tenant_id = $1)),
             ('a segment', EXISTS (SELECT FROM segments WHERE tenant_id = $1)),
             ('a package', EXISTS (SELECT FROM packages WHERE tenant_id = $1)),
             ('an API key', EXISTS (SELECT FROM api_keys WHERE tenant_id = $1))) AS part (name, is_there)
           WHERE NOT part.is_there"#,
        change.tenant.id
    )
    .fetch_one(&mut change.transaction)
    .await?;
    Err(change.refuse("incomplete", &format!("It lacks {missing}.")))
}
