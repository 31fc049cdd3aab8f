use domain::{ErrorCode, FieldProblem, Problem, member::MemberRole};
use serde_json::json;
use uuid::Uuid;

use super::change::{MemberChange, Target};
use crate::{Engine, Error, tenants::scope::TenantCaller};

/// Makes another member the owner of the tenant in the registry. The caller, who is an owner, becomes an admin.
/// Audited.
///
/// # Errors
/// See [`MemberChange::begin`]; `FORBIDDEN` unless the caller is an owner; `RESOURCE_NOT_FOUND` for an account
/// that is not a member; `INVALID_TRANSITION` for an account that has not joined; the database's error.
pub async fn transfer_ownership(engine: &Engine, by: &TenantCaller, user_id: Uuid) -> Result<(), Error> {
    let mut change = MemberChange::begin(engine, by).await?;
    change.require_may_manage(MemberRole::Owner)?;
    let own_id = change.account().map(|account| account.id).ok_or(ErrorCode::Forbidden)?;
    let target = change.find(user_id).await?;
    if !target.has_joined {
        let message = "This person has not accepted the invitation yet.";
        return Err(refusal("not_joined", message));
    }
    if user_id == own_id {
        return Ok(());
    }
    set_role(&mut change, user_id, MemberRole::Owner).await?;
    set_registry_owner(&mut change, user_id).await?;
    set_role(&mut change, own_id, MemberRole::Admin).await?;
    let (before, after) = (json!({ "userId": own_id }), json!({ "userId": user_id }));
    change.finish(engine, "tenant.owner_changed", Some(before), Some(after)).await
}

pub(super) async fn set_role(
    change: &mut MemberChange,
    user_id: Uuid,
    role: MemberRole,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE memberships SET role = $3 WHERE tenant_id = $1 AND user_id = $2",
        change.tenant.id,
        user_id,
        role.as_str()
    )
    .execute(&mut change.transaction)
    .await?;
    Ok(())
}

/// Prepares that an owner loses the role. If the registry names this owner, it gets the owner who joined first
/// after them.
///
/// # Errors
/// `INVALID_TRANSITION` if no other owner has joined the tenant; the database's error.
pub(super) async fn release_owner(change: &mut MemberChange, target: &Target) -> Result<(), Error> {
    let registered = sqlx::query_scalar!("SELECT owner_id FROM tenants WHERE id = $1", change.tenant.id)
        .fetch_one(&mut change.transaction)
        .await?;
    let other = sqlx::query_scalar!(
        "SELECT user_id FROM memberships
         WHERE tenant_id = $1 AND user_id <> $2 AND role = 'owner' AND joined_at IS NOT NULL
         ORDER BY joined_at, user_id LIMIT 1",
        change.tenant.id,
        target.user_id
    )
    .fetch_optional(&mut change.transaction)
    .await?;
    let is_registered = registered == Some(target.user_id);
    match other {
        Some(other) if is_registered => set_registry_owner(change, other).await,
        None if is_registered || target.has_joined => {
            let message = "A tenant needs an owner. Make another member an owner first.";
            Err(refusal("last_owner", message))
        }
        _ => Ok(()),
    }
}

async fn set_registry_owner(change: &mut MemberChange, user_id: Uuid) -> Result<(), Error> {
    sqlx::query!("UPDATE tenants SET owner_id = $2 WHERE id = $1", change.tenant.id, user_id)
        .execute(&mut change.transaction)
        .await?;
    Ok(())
}

fn refusal(rule: &str, message: &str) -> Error {
    let errors = vec![FieldProblem::new("role", rule, message)];
    Problem { errors, ..ErrorCode::InvalidTransition.into() }.into()
}
