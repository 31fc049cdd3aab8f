use database::Transaction;
use domain::{
    ErrorCode, FieldProblem, Problem, TenantStatus,
    lifecycle::{ChangedTenant, LifecycleChange},
};
use serde_json::Value;
use uuid::Uuid;

use super::record::{StoredTenant, read_tenant};
use crate::{
    Engine, Error,
    access::{Actor, AuditedChange, tenant_change},
};

/// A change of a tenant's life: a transaction that has locked the jobs of the tenant, then the tenant.
pub(super) struct Change<'a> {
    engine: &'a Engine,
    /// Who makes the change, with the role that the database had after the wait for the locks.
    by: Actor,
    pub transaction: Transaction,
    /// The tenant before the change.
    pub tenant: ChangedTenant,
    request_id: Uuid,
}

impl<'a> Change<'a> {
    /// Begins a change.
    ///
    /// # Errors
    /// `TENANT_NOT_FOUND` if the tenant was purged; `UNAUTHENTICATED` or `FORBIDDEN` if the actor may no
    /// longer change tenants; the database's error.
    pub(super) async fn begin(engine: &'a Engine, by: &Actor, id: Uuid) -> Result<Self, Error> {
        let mut transaction = engine.pool().begin().await?;
        let exists = sqlx::query_scalar!(r#"SELECT lock_tenant($1) AS "exists!""#, id)
            .fetch_one(&mut transaction)
            .await?;
        Self::begin_locked(engine, by, id, transaction, exists).await
    }

    /// Begins a change of the account of the tenant's owner. Locks also the other tenants of the account, and
    /// the account.
    ///
    /// # Errors
    /// The errors of [`Self::begin`].
    pub(super) async fn begin_with_owner(engine: &'a Engine, by: &Actor, id: Uuid) -> Result<Self, Error> {
        let mut transaction = engine.pool().begin().await?;
        let exists = sqlx::query_scalar!(r#"SELECT lock_tenants_of_owner($1) AS "exists!""#, id)
            .fetch_one(&mut transaction)
            .await?;
        Self::begin_locked(engine, by, id, transaction, exists).await
    }

    async fn begin_locked(
        engine: &'a Engine,
        by: &Actor,
        id: Uuid,
        mut transaction: Transaction,
        exists: bool,
    ) -> Result<Self, Error> {
        if !exists {
            return Err(ErrorCode::TenantNotFound.into());
        }
        let by = by.reread(&mut transaction).await?;
        by.require_provisioning()?;
        let StoredTenant { record, request_id } = read_tenant(&mut transaction, id).await?;
        Ok(Self { engine, by, transaction, tenant: record, request_id })
    }

    /// The engine.
    pub(super) fn engine(&self) -> &'a Engine {
        self.engine
    }

    /// The ID of the request that created the tenant.
    pub(super) fn request_id(&self) -> Uuid {
        self.request_id
    }

    /// Creates a refusal that names the current status. `rule` identifies the reason, which `sentence`
    /// explains.
    pub(super) fn refuse(&self, rule: &str, sentence: &str) -> Error {
        let status = self.tenant.status.as_str().replace('_', " ");
        let problem = FieldProblem::new("status", rule, &format!("The tenant is {status}. {sentence}"));
        Problem { errors: vec![problem], ..ErrorCode::InvalidTransition.into() }.into()
    }

    /// Checks that the tenant has this status.
    ///
    /// # Errors
    /// `INVALID_TRANSITION` with the sentence.
    pub(super) fn require(&self, status: TenantStatus, rule: &str, sentence: &str) -> Result<(), Error> {
        if self.tenant.status == status { Ok(()) } else { Err(self.refuse(rule, sentence)) }
    }

    /// Blocks the unfinished jobs of the tenant. `reason` is the message of interrupted attempts.
    pub(super) async fn pause_jobs(&mut self, reason: &str) -> Result<(), Error> {
        sqlx::query!("SELECT pause_jobs($1, $2)", self.tenant.id, reason)
            .execute(&mut self.transaction)
            .await?;
        Ok(())
    }

    /// Continues the blocked jobs of the tenant, if its status and its owner allow it.
    pub(super) async fn resume_jobs(&mut self) -> Result<(), Error> {
        sqlx::query!("SELECT resume_jobs($1)", self.tenant.id).execute(&mut self.transaction).await?;
        Ok(())
    }

    /// Enqueues the job that applies the new status to the external systems. Supersedes the unfinished jobs
    /// of earlier changes. A tenant without effects in external systems gets no job. Call this after the
    /// status was changed.
    pub(super) async fn enqueue_job(&mut self, kind: LifecycleChange) -> Result<(), Error> {
        let steps = self.engine.steps_with_access();
        sqlx::query_scalar!(
            "SELECT enqueue_lifecycle_job($1, $2, $3)",
            self.tenant.id,
            kind.as_str(),
            &steps
        )
        .fetch_one(&mut self.transaction)
        .await?;
        Ok(())
    }

    /// Enqueues a job that applies the status of a tenant that has become active, if the tenant was restored
    /// before.
    pub(super) async fn reapply_status(&mut self) -> Result<(), Error> {
        sqlx::query!("SELECT reapply_status($1)", self.tenant.id).execute(&mut self.transaction).await?;
        Ok(())
    }

    /// Adds a change of a tenant, with the ID of the request that created it, to the audit log.
    pub(super) async fn record(
        &mut self,
        (tenant_id, request_id): (Uuid, Uuid),
        action: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), Error> {
        let request_id = Some(request_id);
        AuditedChange { request_id, before, after, ..tenant_change(action, tenant_id) }
            .record(&mut self.transaction, &self.by)
            .await
    }

    /// Adds the change to the audit log, commits, and returns the changed tenant.
    pub(super) async fn finish(
        mut self,
        action: &str,
        before: Value,
        after: Value,
    ) -> Result<ChangedTenant, Error> {
        let StoredTenant { record, .. } = read_tenant(&mut self.transaction, self.tenant.id).await?;
        self.record((record.id, self.request_id), action, Some(before), Some(after)).await?;
        self.transaction.commit().await?;
        self.engine.announce(self.request_id);
        Ok(record)
    }
}
