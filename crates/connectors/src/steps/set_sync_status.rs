use async_trait::async_trait;
use domain::{TenantStatus, jobs::StepFailure, pipeline::Step};

use super::upsert_tenant::{MODEL, SYNC_STATUS, tenant_record_identity};
use crate::{
    Outbound, TenantJob, TenantStep,
    odoo::{ManagedRecord, Record, Records},
    settings::Odoo19Settings,
};

/// The step of a lifecycle job for the tenant registry in Odoo 19: sets the sync status of the tenant to `ok`
/// if the tenant is active, and to `pending` otherwise. Odoo's selection has no value for a suspended tenant.
#[derive(Debug)]
pub struct SetSyncStatus {
    records: Records,
}

impl SetSyncStatus {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Self {
        Self { records: Records::new(outbound, settings) }
    }
}

#[async_trait]
impl TenantStep for SetSyncStatus {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        if !job.has_effect_of(Step::UpsertTenant) {
            return Ok(Some("none".to_owned()));
        }
        let identity = tenant_record_identity(job);
        let mut values = identity.values.clone();
        values.extend(status_values(job.status()?));
        let id = ManagedRecord { values, ..identity }.probe(&self.records).await?;
        Ok(id.map(|id| id.to_string()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let ids = tenant_record_identity(job).require_our_ids(&self.records).await?;
        if ids.is_empty() {
            let message = format!("the tenant {} no longer exists in Odoo", job.tenant.code);
            return Err(StepFailure::permanent(message));
        }
        self.records.write(MODEL, &ids, &status_values(job.status()?)).await
    }

    /// A lifecycle job is never rolled back.
    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}

fn status_values(status: TenantStatus) -> Record {
    let sync_status = if status == TenantStatus::Active { "ok" } else { "pending" };
    Record::from_iter([(SYNC_STATUS.into(), sync_status.into())])
}
