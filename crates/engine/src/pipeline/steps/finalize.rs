use async_trait::async_trait;
use domain::jobs::StepFailure;

use super::upsert_tenant::mark_synced;
use crate::{
    Engine,
    pipeline::{Job, Outbound, StepWork, odoo::Records, queue, settings::Odoo19Settings},
};

/// The last step: the list of tenants in Odoo 19 says that all is in step, and the tenant is active
/// from now on. Doing it again changes nothing, so looking is doing.
#[derive(Debug)]
pub struct Finalize {
    engine: Engine,
    /// The list of tenants, where there is one.
    list: Option<Records>,
}

impl Finalize {
    /// Where no other system needs to be told.
    pub fn new(engine: Engine) -> Self {
        Self { engine, list: None }
    }

    /// Where Odoo 19 keeps a list of tenants.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn with_list(self, outbound: Outbound, settings: Odoo19Settings) -> Result<Self, reqwest::Error> {
        Ok(Self { list: Some(Records::new(outbound, settings)?), ..self })
    }
}

#[async_trait]
impl StepWork for Finalize {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        if let Some(list) = &self.list {
            mark_synced(list, job).await?;
        }
        let active = queue::activate(&self.engine, job.id).await.map_err(|error| {
            tracing::warn!(?error, "the tenant could not be activated");
            StepFailure::transient("the database cannot be asked")
        })?;
        Ok(active.then(|| job.tenant.code.clone()))
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        // Neither provisioning nor active: somebody has suspended or deleted it meanwhile.
        Err(StepFailure::permanent(format!("{} cannot be activated any more", job.tenant.code)))
    }

    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}
