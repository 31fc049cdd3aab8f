use async_trait::async_trait;
use domain::{jobs::StepFailure, pipeline::Step};
use serde_json::Value;

use super::{
    managed_collection::{Lookup, ManagedCollection},
    upsert_bridge_metadata::{includes, metadata},
};
use crate::{Outbound, TenantJob, TenantStep, settings::BridgeSettings};

/// The step of a lifecycle job for the metadata bridge: `PUT {url}/tenants/{code}` with the current metadata
/// of the tenant, and its status in the field `status`.
#[derive(Debug)]
pub struct SetBridgeStatus {
    tenants: ManagedCollection,
}

impl SetBridgeStatus {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: BridgeSettings) -> Self {
        let BridgeSettings { url, token } = settings;
        Self { tenants: ManagedCollection { outbound, url, token, name: "tenants" } }
    }
}

#[async_trait]
impl TenantStep for SetBridgeStatus {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let (code, must_exist) = (&job.tenant.code, job.has_effect_of(Step::UpsertBridgeMetadata));
        let is_done = match self.tenants.find(code, job.request_id).await? {
            Lookup::Ours(record) => includes(&record, &metadata_with_status(job)?),
            Lookup::Missing => !must_exist,
            Lookup::Foreign if !must_exist => true,
            Lookup::Foreign => {
                let message = format!("{code} exists in the bridge but belongs to another request");
                return Err(StepFailure::permanent(message));
            }
        };
        Ok(is_done.then(|| code.clone()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        self.tenants.put(&job.tenant.code, &metadata_with_status(job)?).await?;
        Ok(())
    }

    /// A lifecycle job is never rolled back.
    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}

fn metadata_with_status(job: &TenantJob) -> Result<Value, StepFailure> {
    let mut metadata = metadata(job);
    metadata["status"] = job.status()?.as_str().into();
    Ok(metadata)
}
