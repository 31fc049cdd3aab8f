use database::Transaction;
use domain::{ErrorCode, TenantStatus, member::MemberRole};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{Account, Actor, AuditActor},
    tenants::{
        lookup::{LockedTenant, find_tenant},
        scope::TenantCaller,
    },
};

/// Who changes the members of a tenant.
#[derive(Debug)]
enum Author {
    Actor(Actor),
    Member { account: Account, role: MemberRole },
}

/// A change of the members of a tenant: a transaction that has locked the jobs of the tenant, then the tenant.
/// The role of the author was read after the wait for the locks.
#[derive(Debug)]
pub(in crate::tenants) struct MemberChange {
    pub transaction: Transaction,
    pub tenant: LockedTenant,
    author: Author,
}

/// A membership that a change is about.
#[derive(Debug)]
pub(super) struct Target {
    pub user_id: Uuid,
    pub role: MemberRole,
    pub has_joined: bool,
    /// The name and the address, as the audit log records them.
    pub name: String,
    pub email: String,
}

impl MemberChange {
    /// Begins a change.
    ///
    /// # Errors
    /// `FORBIDDEN` for a secret key, or for an employee who may not provision tenants; for a member
    /// `TENANT_NOT_FOUND` if the account has not joined the tenant, `TENANT_SUSPENDED` and `TENANT_NOT_ACTIVE`;
    /// `TENANT_NOT_FOUND` for an unknown or deleted tenant; the database's error.
    pub(in crate::tenants) async fn begin(engine: &Engine, by: &TenantCaller) -> Result<Self, Error> {
        let reference = match by {
            TenantCaller::Key(_) => return Err(ErrorCode::Forbidden.into()),
            TenantCaller::Member { tenant, .. } => tenant,
            TenantCaller::Actor { actor, tenant } => {
                actor.require_provisioning()?;
                tenant
            }
        };
        let id = find_tenant(engine, reference).await?;
        let mut transaction = engine.pool().begin().await?;
        sqlx::query_scalar!(r#"SELECT lock_tenant($1) AS "exists!""#, id).fetch_one(&mut transaction).await?;
        match by {
            TenantCaller::Key(_) => Err(ErrorCode::Forbidden.into()),
            TenantCaller::Actor { actor, .. } => {
                let tenant = LockedTenant::lock(&mut transaction, actor, id).await?;
                Ok(Self { transaction, tenant, author: Author::Actor(actor.clone()) })
            }
            TenantCaller::Member { account, .. } => {
                let tenant = LockedTenant::read(&mut transaction, id).await?;
                let role = require_member(&mut transaction, account, id).await?;
                Ok(Self { transaction, tenant, author: Author::Member { account: account.clone(), role } })
            }
        }
    }

    /// Checks that the author may give or take away a role.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub(in crate::tenants) fn require_may_manage(&self, role: MemberRole) -> Result<(), Error> {
        match &self.author {
            Author::Member { role: own, .. } if !own.may_manage(role) => Err(ErrorCode::Forbidden.into()),
            _ => Ok(()),
        }
    }

    /// The account of the member who makes the change.
    pub(super) fn account(&self) -> Option<&Account> {
        match &self.author {
            Author::Actor(_) => None,
            Author::Member { account, .. } => Some(account),
        }
    }

    /// The name of the member who makes the change.
    pub(in crate::tenants) fn member_name(&self) -> Option<String> {
        self.account().map(|account| account.name.clone())
    }

    /// Whether an employee or the operator makes the change.
    pub(super) fn is_by_actor(&self) -> bool {
        matches!(self.author, Author::Actor(_))
    }

    /// Returns the membership of an account. An invited account has the name with which it was invited.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND`; the database's error.
    pub(super) async fn find(&mut self, user_id: Uuid) -> Result<Target, Error> {
        let row = sqlx::query!(
            r#"SELECT m.role, m.joined_at IS NOT NULL AS "has_joined!",
                 CASE WHEN m.joined_at IS NULL THEN coalesce(m.invited_name, u.name) ELSE u.name END AS "name!",
                 CASE WHEN m.joined_at IS NULL THEN coalesce(m.invited_email, u.email) ELSE u.email END AS "email!"
               FROM memberships m JOIN users u ON u.id = m.user_id
               WHERE m.tenant_id = $1 AND m.user_id = $2"#,
            self.tenant.id,
            user_id
        )
        .fetch_optional(&mut self.transaction)
        .await?
        .ok_or(ErrorCode::ResourceNotFound)?;
        Ok(Target {
            user_id,
            role: parse_role(&row.role)?,
            has_joined: row.has_joined,
            name: row.name,
            email: row.email,
        })
    }

    /// Adds the change to the audit log and commits.
    pub(in crate::tenants) async fn finish(
        mut self,
        engine: &Engine,
        action: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), Error> {
        self.record(action, before, after).await?;
        self.commit(engine).await
    }

    /// Commits, and announces the change to open pages.
    pub(in crate::tenants) async fn commit(self, engine: &Engine) -> Result<(), Error> {
        self.transaction.commit().await?;
        engine.announce(self.tenant.request_id);
        Ok(())
    }

    /// Adds the change to the audit log.
    pub(in crate::tenants) async fn record(
        &mut self,
        action: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), Error> {
        let actor = match &self.author {
            Author::Actor(actor) => actor.into(),
            Author::Member { account, .. } => AuditActor { id: Some(account.id), name: &account.name },
        };
        self.tenant.change(action, before, after).record(&mut self.transaction, actor).await
    }
}

/// Returns the role of an account that has joined an active tenant.
///
/// # Errors
/// `TENANT_NOT_FOUND`, `TENANT_SUSPENDED`, `TENANT_NOT_ACTIVE`; the database's error.
pub(super) async fn require_member(
    transaction: &mut Transaction,
    account: &Account,
    tenant_id: Uuid,
) -> Result<MemberRole, Error> {
    let row = sqlx::query!(
        "SELECT t.status, m.role FROM memberships m JOIN tenants t ON t.id = m.tenant_id
         WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.joined_at IS NOT NULL AND t.status <> 'deleted'",
        tenant_id,
        account.id
    )
    .fetch_optional(transaction)
    .await?
    .ok_or(ErrorCode::TenantNotFound)?;
    match TenantStatus::from_text(&row.status) {
        Some(TenantStatus::Active) => parse_role(&row.role),
        Some(TenantStatus::Suspended) => Err(ErrorCode::TenantSuspended.into()),
        _ => Err(ErrorCode::TenantNotActive.into()),
    }
}

pub(super) fn parse_role(text: &str) -> Result<MemberRole, Error> {
    MemberRole::from_text(text).ok_or_else(|| Error::unexpected("member role", text))
}
