use std::sync::Arc;

use async_trait::async_trait;
use domain::jobs::StepFailure;

use super::{ActivateTenant, upsert_tenant::set_sync_status};
use crate::{Outbound, TenantJob, TenantStep, odoo::Records, settings::Odoo19Settings};

/// The last step: sets the sync status in the tenant registry in Odoo 19 and activates the tenant. Both
/// actions are idempotent, so the probe performs them.
#[derive(Debug)]
pub struct Finalize {
    activation: Arc<dyn ActivateTenant>,
    /// The tenant registry in Odoo 19, if it is configured.
    registry: Option<Records>,
}

impl Finalize {
    /// Creates a step that only activates the tenant.
    pub fn new(activation: Arc<dyn ActivateTenant>) -> Self {
        Self { activation, registry: None }
    }

    /// Also sets the sync status in Odoo 19.
    #[must_use]
    pub fn with_registry(self, outbound: Outbound, settings: Odoo19Settings) -> Self {
        Self { registry: Some(Records::new(outbound, settings)), ..self }
    }
}

#[async_trait]
impl TenantStep for Finalize {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        if let Some(registry) = &self.registry {
            set_sync_status(registry, job).await?;
        }
        let active = self.activation.activate(job.id).await?;
        Ok(active.then(|| job.tenant.code.clone()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        // The probe did not activate the tenant, so the tenant was suspended or deleted since the job began.
        Err(StepFailure::permanent(format!("{} can no longer be activated", job.tenant.code)))
    }

    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}
