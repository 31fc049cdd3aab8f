use database::Transaction;
use domain::{
    ErrorCode,
    slug::{Slug, SlugProblem},
    tenant_code::TenantCode,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{Actor, AuditedChange, tenant_change},
};

/// The tenant of a transaction. In a transaction that changes the tenant, its row is locked, so that no other
/// transaction changes the tenant at the same time.
#[derive(Debug)]
pub(super) struct LockedTenant {
    pub id: Uuid,
    pub request_id: Uuid,
    slug: String,
}

impl LockedTenant {
    /// Begins a transaction that changes the tenant with this ID, code, slug or former slug.
    ///
    /// # Errors
    /// `FORBIDDEN` or `UNAUTHENTICATED` if the actor may not change tenants; `TENANT_NOT_FOUND`; the database's
    /// error.
    pub(super) async fn begin_change(
        engine: &Engine,
        by: &Actor,
        reference: &str,
    ) -> Result<(Transaction, Self), Error> {
        by.require_provisioning()?;
        let id = find_tenant(engine, reference).await?;
        let mut transaction = engine.pool().begin().await?;
        let tenant = Self::lock(&mut transaction, by, id).await?;
        Ok((transaction, tenant))
    }

    /// Locks a tenant until the end of the transaction, and then reads the role of the actor again: an
    /// employee who was disabled during the wait changes nothing.
    ///
    /// # Errors
    /// `TENANT_NOT_FOUND` if the tenant was deleted; `UNAUTHENTICATED` or `FORBIDDEN` if the actor may no
    /// longer change tenants; the database's error.
    pub(super) async fn lock(transaction: &mut Transaction, by: &Actor, id: Uuid) -> Result<Self, Error> {
        let tenant = sqlx::query_as!(
            Self,
            "SELECT id, request_id, slug FROM tenants
             WHERE id = $1 AND status <> 'deleted' AND purged_at IS NULL FOR NO KEY UPDATE",
            id
        )
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(ErrorCode::TenantNotFound)?;
        by.reread(transaction).await?.require_provisioning()?;
        Ok(tenant)
    }

    /// A tenant that was read, and locked if necessary.
    pub(super) fn new(id: Uuid, request_id: Uuid, slug: String) -> Self {
        Self { id, request_id, slug }
    }

    /// Reads a tenant without a lock, for a transaction that changes nothing.
    ///
    /// # Errors
    /// `TENANT_NOT_FOUND` if the tenant was deleted; the database's error.
    pub(super) async fn read(transaction: &mut Transaction, id: Uuid) -> Result<Self, Error> {
        sqlx::query_as!(
            Self,
            "SELECT id, request_id, slug FROM tenants
             WHERE id = $1 AND status <> 'deleted' AND purged_at IS NULL",
            id
        )
        .fetch_optional(transaction)
        .await?
        .ok_or_else(|| ErrorCode::TenantNotFound.into())
    }

    /// Creates a change of the tenant for the audit log.
    pub(super) fn change<'a>(
        &self,
        action: &'a str,
        before: Option<Value>,
        after: Option<Value>,
    ) -> AuditedChange<'a> {
        AuditedChange { request_id: Some(self.request_id), before, after, ..tenant_change(action, self.id) }
    }

    /// The slug, which is a part of the tenant's API keys.
    pub(super) fn slug(&self) -> Result<Slug, Error> {
        let unexpected = |problem: SlugProblem| Error::UnexpectedResponse(format!("slug: {problem}"));
        Slug::parse_existing(&self.slug).map_err(unexpected)
    }
}

/// A text that can be the ID, the code or the slug of a tenant. The slug of a tenant can look like the ID of
/// another tenant, which comes first.
#[derive(Debug)]
pub(super) struct TenantReference {
    pub id: Option<Uuid>,
    pub code: Option<TenantCode>,
    pub slug: Option<Slug>,
}

impl TenantReference {
    /// Parses a text in a path or an argument.
    pub(super) fn parse(text: &str) -> Self {
        Self {
            id: Uuid::try_parse(text).ok(),
            code: TenantCode::parse(&text.to_ascii_uppercase()).ok(),
            slug: Slug::parse_existing(text).ok(),
        }
    }
}

/// Returns the ID of the tenant with this ID, code, slug or former slug, unless it is deleted.
///
/// # Errors
/// `TENANT_NOT_FOUND`; the database's error.
pub(super) async fn find_tenant(engine: &Engine, reference: &str) -> Result<Uuid, Error> {
    find(engine, reference, false).await
}

/// Returns the ID of the tenant with this ID, code, slug or former slug, also if the tenant is deleted but not
/// purged.
///
/// # Errors
/// `TENANT_NOT_FOUND`; the database's error.
pub(super) async fn find_tenant_or_deleted(engine: &Engine, reference: &str) -> Result<Uuid, Error> {
    find(engine, reference, true).await
}

async fn find(engine: &Engine, reference: &str, include_deleted: bool) -> Result<Uuid, Error> {
    let TenantReference { id, code, slug } = TenantReference::parse(reference);
    sqlx::query_scalar!(
        "SELECT id FROM tenants
         WHERE (id = $1 OR code = $2 OR slug = $3
                OR id = (SELECT tenant_id FROM tenant_former_slugs WHERE slug = $3))
           AND (status <> 'deleted' OR $4) AND purged_at IS NULL
         ORDER BY id = $1 DESC NULLS LAST LIMIT 1",
        id,
        code.as_ref().map(TenantCode::as_str),
        slug.as_ref().map(Slug::as_str),
        include_deleted
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or_else(|| ErrorCode::TenantNotFound.into())
}
