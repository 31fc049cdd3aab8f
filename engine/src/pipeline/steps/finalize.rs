use async_trait::async_trait;
use domain::pipeline::StepFailure;

use crate::{
    Engine,
    pipeline::{Job, StepWork, queue},
};

/// The last step: the tenant is active from now on. Both probe and act are the same call, which
/// changes nothing the second time.
#[derive(Debug)]
pub struct Finalize {
    engine: Engine,
}

impl Finalize {
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

#[async_trait]
impl StepWork for Finalize {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let active = queue::activate(&self.engine, job.id).await.map_err(|error| {
            tracing::warn!(?error, "the tenant could not be activated");
            StepFailure::passing("the database cannot be asked")
        })?;
        Ok(active.then(|| job.tenant.code.clone()))
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        // Neither provisioning nor active: somebody has suspended or deleted it meanwhile.
        Err(StepFailure::lasting(format!("{} cannot be activated any more", job.tenant.code)))
    }

    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}
