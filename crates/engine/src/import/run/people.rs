//! Names the owner of a tenant and invites its members.

use domain::{ErrorCode, member::NewMember};
use serde_json::Value;
use uuid::Uuid;

use super::{Run, is_about_file};
use crate::{
    Error,
    access::{Actor, idn_to_ascii},
    import::plan::PlannedFolder,
    provisioning::members_to_json,
    tenants::{NewOwner, TenantCaller, invite_member, set_owner},
};

impl Run<'_> {
    /// Names the owner of a tenant that exists without one.
    pub(super) async fn name_owner(&self, folder: &mut PlannedFolder) -> Result<(), Error> {
        let Some(id) = folder.existing.as_ref().map(|existing| existing.id) else { return Ok(()) };
        let members = folder.members();
        // Stored first, so that an interrupted import can be continued.
        sqlx::query!(
            "INSERT INTO tenant_imported_values (tenant_id, file_values, pending_members) VALUES ($1, '{}', $2)
             ON CONFLICT (tenant_id) DO UPDATE SET pending_members = excluded.pending_members",
            id,
            members_to_json(&members)
        )
        .execute(&self.engine.pool())
        .await?;
        self.set_owner(folder, id).await?;
        self.invite_members(folder, id, members).await
    }

    /// Names the owner of the folder, if it has one.
    pub(super) async fn set_owner(&self, folder: &PlannedFolder, id: Uuid) -> Result<(), Error> {
        let Some((owner, _)) = folder.people.as_ref().and_then(|people| people.owner.as_ref()) else {
            return Ok(());
        };
        let owner =
            NewOwner { name: owner.name.clone(), email: owner.email.clone(), use_existing_account: true };
        let by = Actor::from(self.by.clone());
        set_owner(self.engine, &by, &id.to_string(), &owner, &self.settings.origin).await?;
        Ok(())
    }

    /// Invites the members whom an interrupted import has not invited.
    pub(super) async fn finish_members(&self, folder: &mut PlannedFolder) -> Result<(), Error> {
        let Some(existing) = &folder.existing else { return Ok(()) };
        let (id, has_owner) = (existing.id, existing.owner.is_some());
        let text = |member: &Value, name: &str| member[name].as_str().unwrap_or_default().to_owned();
        let members: Vec<NewMember> = existing
            .pending_members
            .iter()
            .filter_map(|member| {
                let [name, email, role] = ["name", "email", "role"].map(|field| text(member, field));
                NewMember::parse(&name, &email, &role, idn_to_ascii).ok()
            })
            .collect();
        if members.is_empty() || !has_owner || !existing.status.allows_access() {
            return Ok(());
        }
        self.invite_members(folder, id, members).await
    }

    /// Invites members. One who cannot be invited is a warning, and is tried again by the next import.
    pub(super) async fn invite_members(
        &self,
        folder: &mut PlannedFolder,
        id: Uuid,
        members: Vec<NewMember>,
    ) -> Result<(), Error> {
        if members.is_empty() {
            return Ok(());
        }
        let by = TenantCaller::actor(Actor::from(self.by.clone()), &id.to_string());
        let mut pending = Vec::new();
        folder.client.problems.clear();
        for member in members {
            match invite_member(self.engine, &by, &member, None, &self.settings.origin).await {
                Ok(_) => {}
                Err(Error::Refused(problem)) if problem.code == ErrorCode::DuplicateKey => {}
                Err(Error::Refused(problem)) if is_about_file(problem.code) => {
                    let message = format!("{} was not invited. {}", member.email.address(), problem.detail());
                    folder.client.warn("", "member", &message);
                    pending.push(member);
                }
                Err(error) => return Err(error),
            }
        }
        folder.row.problems.extend(folder.client.problems.take());
        sqlx::query!(
            "UPDATE tenant_imported_values SET pending_members = $2 WHERE tenant_id = $1",
            id,
            members_to_json(&pending)
        )
        .execute(&self.engine.pool())
        .await?;
        Ok(())
    }
}

impl PlannedFolder {
    /// The members of the owners file, without the owner. They are invited only together with an owner.
    pub(super) fn members(&self) -> Vec<NewMember> {
        let people = self.people.as_ref().filter(|people| people.owner.is_some());
        people.map(|people| people.members.clone()).unwrap_or_default()
    }
}
