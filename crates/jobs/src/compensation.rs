use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::jobs::StepFailure;

use crate::{Job, StepWork};

/// A step that removes the effect of another step. Compensations look for the effect themselves and can be
/// repeated, so the probe removes the effect.
#[derive(Debug)]
pub struct Compensation(pub Arc<dyn StepWork>);

#[async_trait]
impl StepWork for Compensation {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        self.0.compensate(job).await?;
        Ok(Some("removed".to_owned()))
    }

    async fn act(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    /// A removed effect is not created again.
    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    fn timeout(&self) -> Duration {
        self.0.timeout()
    }
}
