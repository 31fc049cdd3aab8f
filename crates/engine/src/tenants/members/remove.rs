use domain::member::MemberRole;
use serde_json::json;
use uuid::Uuid;

use super::{change::MemberChange, owners::release_owner};
use crate::{Engine, Error, tenants::scope::TenantCaller};

/// Removes a member or an invited account from a tenant. The link of an invitation stops working, and the
/// account is deleted if nothing else uses it. Every member may leave the tenant. Audited.
///
/// # Errors
/// See [`MemberChange::begin`]; `FORBIDDEN` if the author may not take away the role; `RESOURCE_NOT_FOUND` for
/// an account that is not a member; `INVALID_TRANSITION` for the last owner; the database's error.
pub async fn remove_member(engine: &Engine, by: &TenantCaller, user_id: Uuid) -> Result<(), Error> {
    let mut change = MemberChange::begin(engine, by).await?;
    let target = change.find(user_id).await?;
    let is_own = change.account().is_some_and(|account| account.id == user_id);
    if !is_own {
        change.require_may_manage(target.role)?;
    }
    if target.role == MemberRole::Owner {
        release_owner(&mut change, &target).await?;
    }
    let before =
        json!({ "userId": user_id, "name": target.name, "email": target.email, "role": target.role });
    let action = if is_own { "member.left" } else { "member.removed" };
    change.record(action, Some(before), None).await?;
    let tenant_id = change.tenant.id;
    sqlx::query!("DELETE FROM one_time_tokens WHERE tenant_id = $1 AND user_id = $2", tenant_id, user_id)
        .execute(&mut change.transaction)
        .await?;
    sqlx::query!("DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2", tenant_id, user_id)
        .execute(&mut change.transaction)
        .await?;
    sqlx::query!("SELECT delete_unused_account($1)", user_id).execute(&mut change.transaction).await?;
    change.commit(engine).await
}
