use domain::member::MemberRole;
use serde_json::json;
use uuid::Uuid;

use super::{
    change::MemberChange,
    owners::{release_owner, set_role},
};
use crate::{Engine, Error, tenants::scope::TenantCaller};

/// Changes the role of a member or an invited account. Does nothing if it has the role. Audited.
///
/// # Errors
/// See [`MemberChange::begin`]; `FORBIDDEN` if the author may not give or take away the roles;
/// `RESOURCE_NOT_FOUND` for an account that is not a member; `INVALID_TRANSITION` for the last owner; the
/// database's error.
pub async fn change_member_role(
    engine: &Engine,
    by: &TenantCaller,
    user_id: Uuid,
    role: MemberRole,
) -> Result<(), Error> {
    let mut change = MemberChange::begin(engine, by).await?;
    let target = change.find(user_id).await?;
    change.require_may_manage(target.role)?;
    change.require_may_manage(role)?;
    if target.role == role {
        return Ok(());
    }
    if target.role == MemberRole::Owner {
        release_owner(&mut change, &target).await?;
    }
    set_role(&mut change, user_id, role).await?;
    let before = json!({ "userId": user_id, "role": target.role });
    let after = json!({ "userId": user_id, "role": role });
    change.finish(engine, "member.role_changed", Some(before), Some(after)).await
}
