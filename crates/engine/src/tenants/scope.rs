use database::Transaction;
use domain::{
    ErrorCode, TenantStatus,
    api_key::{ApiKey, ApiKeyKind},
    member::MemberRole,
};
use serde_json::Value;
use uuid::Uuid;

use super::lookup::{LockedTenant, find_tenant};
use crate::{
    Engine, Error,
    access::{Account, Actor, AuditActor},
    schema::roles,
    secret::hash,
};

/// Who reads or changes a tenant.
#[derive(Debug, Clone)]
pub enum TenantCaller {
    /// A program of the tenant, with the tenant's secret key.
    Key(ApiKey),
    /// A member of the tenant. Members with the role `member` change nothing.
    Member {
        /// The account of the member.
        account: Account,
        /// The ID, code or slug of the tenant.
        tenant: String,
    },
    /// An employee or the operator.
    Actor {
        /// The actor.
        actor: Actor,
        /// The ID, code or slug of the tenant.
        tenant: String,
    },
}

/// What a call does with a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    /// Locks the tenant, so that changes run one after the other.
    Change,
}

/// Who made a change, for the audit log.
#[derive(Debug)]
enum Author {
    Key { id: Uuid, name: String },
    Member { account: Account, role: MemberRole },
    Actor(Actor),
}

/// A transaction about one tenant. The transaction of a secret key or a member sees no other tenant's rows.
#[derive(Debug)]
pub(super) struct Scope {
    pub transaction: Transaction,
    pub tenant: LockedTenant,
    author: Author,
}

impl TenantCaller {
    /// Creates the caller for an employee or the operator. `tenant` is the ID, code or slug of the tenant.
    pub fn actor(actor: impl Into<Actor>, tenant: &str) -> Self {
        Self::Actor { actor: actor.into(), tenant: tenant.to_owned() }
    }

    /// Begins the transaction of a call.
    ///
    /// # Errors
    /// For a secret key: `UNAUTHENTICATED`, `TENANT_SUSPENDED`, `TENANT_NOT_ACTIVE`. For a member:
    /// `TENANT_NOT_FOUND` if the account has not joined the tenant, `TENANT_SUSPENDED`, `TENANT_NOT_ACTIVE`, and
    /// `FORBIDDEN` for a change by the role `member`. For an actor: `TENANT_NOT_FOUND`, and for a change
    /// `FORBIDDEN`. The database's error.
    pub(super) async fn begin(&self, engine: &Engine, access: Access) -> Result<Scope, Error> {
        match self {
            Self::Key(key) if key.kind() == ApiKeyKind::Secret => begin_by_key(engine, key, access).await,
            Self::Key(_) => Err(ErrorCode::Unauthenticated.into()),
            Self::Member { account, tenant } => begin_by_member(engine, account, tenant, access).await,
            Self::Actor { actor, tenant } => begin_by_actor(engine, actor, tenant, access).await,
        }
    }

    /// Runs a call in its transaction. Commits the transaction, or rolls it back if the call is refused.
    pub(super) async fn run<T>(
        &self,
        engine: &Engine,
        access: Access,
        call: impl AsyncFnOnce(&mut Scope) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut scope = self.begin(engine, access).await?;
        match call(&mut scope).await {
            Ok(value) => {
                scope.transaction.commit().await?;
                Ok(value)
            }
            Err(refused @ Error::Refused(_)) => {
                scope.transaction.rollback().await?;
                Err(refused)
            }
            // Dropping the transaction closes the connection, which may be broken.
            Err(error) => Err(error),
        }
    }
}

impl Scope {
    /// The ID of the key that authenticated the call.
    pub(super) fn key_id(&self) -> Option<Uuid> {
        match self.author {
            Author::Key { id, .. } => Some(id),
            Author::Member { .. } | Author::Actor(_) => None,
        }
    }

    /// Checks that the caller may see and change the API keys of the tenant.
    ///
    /// # Errors
    /// `FORBIDDEN` for a secret key, a member with the role `member`, and an employee who may not provision
    /// tenants.
    pub(super) fn require_key_management(&self) -> Result<(), Error> {
        match &self.author {
            Author::Member { role, .. } if role.may_change() => Ok(()),
            Author::Key { .. } | Author::Member { .. } => Err(ErrorCode::Forbidden.into()),
            Author::Actor(actor) => actor.require_provisioning(),
        }
    }

    /// Adds a change of the tenant to the audit log.
    pub(super) async fn record(
        &mut self,
        action: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), Error> {
        let change = self.tenant.change(action, before, after);
        change.record(&mut self.transaction, self.author.audit_actor()).await
    }

    /// The parts that a function needs which also works for employees.
    pub(super) fn parts(&mut self) -> (&mut Transaction, &LockedTenant, AuditActor<'_>) {
        (&mut self.transaction, &self.tenant, self.author.audit_actor())
    }
}

impl Author {
    fn audit_actor(&self) -> AuditActor<'_> {
        match self {
            Self::Key { id, name } => AuditActor { id: Some(*id), name },
            Self::Member { account, .. } => AuditActor { id: Some(account.id), name: &account.name },
            Self::Actor(actor) => actor.into(),
        }
    }
}

async fn begin_by_key(engine: &Engine, key: &ApiKey, access: Access) -> Result<Scope, Error> {
    let mut transaction = engine.pool().begin().await?;
    let found = sqlx::query!(
        r#"SELECT tenant_id AS "tenant_id!", request_id AS "request_id!", slug AS "slug!", status AS "status!",
             key_id AS "key_id!", key_name AS "key_name!" FROM begin_tenant_call($1, $2)"#,
        &hash(key.expose())[..],
        access == Access::Change
    )
    .fetch_optional(&mut transaction)
    .await;
    let found = match found {
        Err(error) if roles::is_refused(&error) => {
            transaction.rollback().await?;
            return Err(roles::missing_role(&engine.pool()).await?.into());
        }
        found => found?,
    };
    let refusal = match found.as_ref().map(|found| TenantStatus::from_text(&found.status)) {
        Some(Some(TenantStatus::Active)) => None,
        Some(Some(TenantStatus::Suspended)) => Some(ErrorCode::TenantSuspended),
        Some(_) => Some(ErrorCode::TenantNotActive),
        None => Some(ErrorCode::Unauthenticated),
    };
    match (found, refusal) {
        (Some(found), None) => Ok(Scope {
            transaction,
            tenant: LockedTenant::new(found.tenant_id, found.request_id, found.slug),
            author: Author::Key { id: found.key_id, name: format!("API key {}", found.key_name) },
        }),
        (_, refusal) => {
            transaction.rollback().await?;
            Err(refusal.unwrap_or(ErrorCode::Unauthenticated).into())
        }
    }
}

async fn begin_by_member(
    engine: &Engine,
    account: &Account,
    tenant: &str,
    access: Access,
) -> Result<Scope, Error> {
    let tenant_id = find_tenant(engine, tenant).await?;
    let mut transaction = engine.pool().begin().await?;
    let found = sqlx::query!(
        r#"SELECT request_id AS "request_id!", slug AS "slug!", status AS "status!", role AS "role!"
           FROM begin_member_call($1, $2, $3)"#,
        account.id,
        tenant_id,
        access == Access::Change
    )
    .fetch_optional(&mut transaction)
    .await;
    let found = match found {
        Err(error) if roles::is_refused(&error) => {
            transaction.rollback().await?;
            return Err(roles::missing_role(&engine.pool()).await?.into());
        }
        found => found?,
    };
    let role = found.as_ref().and_then(|found| MemberRole::from_text(&found.role));
    let refusal = match found.as_ref().map(|found| TenantStatus::from_text(&found.status)) {
        Some(Some(TenantStatus::Active)) => None,
        Some(Some(TenantStatus::Suspended)) => Some(ErrorCode::TenantSuspended),
        Some(_) => Some(ErrorCode::TenantNotActive),
        None => Some(ErrorCode::TenantNotFound),
    };
    let is_forbidden = access == Access::Change && !role.is_some_and(MemberRole::may_change);
    match (found.zip(role), refusal) {
        (Some((found, role)), None) if !is_forbidden => Ok(Scope {
            transaction,
            tenant: LockedTenant::new(tenant_id, found.request_id, found.slug),
            author: Author::Member { account: account.clone(), role },
        }),
        (_, refusal) => {
            transaction.rollback().await?;
            Err(refusal.unwrap_or(ErrorCode::Forbidden).into())
        }
    }
}

async fn begin_by_actor(
    engine: &Engine,
    actor: &Actor,
    tenant: &str,
    access: Access,
) -> Result<Scope, Error> {
    let (transaction, tenant) = match access {
        Access::Change => LockedTenant::begin_change(engine, actor, tenant).await?,
        Access::Read => {
            let id = find_tenant(engine, tenant).await?;
            let mut transaction = engine.pool().begin().await?;
            let tenant = LockedTenant::read(&mut transaction, id).await?;
            (transaction, tenant)
        }
    };
    Ok(Scope { transaction, tenant, author: Author::Actor(actor.clone()) })
}
