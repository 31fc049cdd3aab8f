//! How many durable steps a second (SPEC section 11).

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::{Job, StepWork, Steps};
use serde::Serialize;
use url::Url;

use crate::{
    Outcome, mark,
    plant::{Plant, every_connector},
};

/// So much was done in so many seconds.
#[derive(Debug, Serialize)]
pub struct Throughput {
    pub done: i64,
    pub seconds: f64,
}

/// A step whose effect is there before it is looked for.
#[derive(Debug)]
pub struct NoOp;

#[async_trait]
impl StepWork for NoOp {
    async fn probe(&self, _job: &Job) -> Result<Option<String>, StepFailure> {
        Ok(Some("there".into()))
    }

    async fn act(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}

/// All seven steps, without effect.
pub fn no_ops() -> Steps {
    Step::ALL.into_iter().fold(Steps::default(), |steps, step| steps.with(step, NoOp))
}

/// Lets so many workers take the seven steps of each of so many jobs.
pub async fn measure(server: &Url, workers: u32, jobs: u32) -> Outcome<Throughput> {
    let plant = Plant::new(server, every_connector()?).await?;
    plant.add_tenants(jobs).await?;
    mark("begun")?;
    let running = plant.start(no_ops(), workers);
    plant.wait_until("SELECT NOT EXISTS (SELECT FROM jobs WHERE state <> 'succeeded')").await?;
    mark("ended")?;
    running.stop().await;
    let (done, well, seconds): (i64, i64, f64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE number = 1 AND outcome = 'succeeded'),
             extract(epoch FROM max(finished_at) - min(started_at))::float8
         FROM step_attempts",
    )
    .fetch_one(&plant.pool)
    .await?;
    let wanted = i64::from(jobs) * Step::ALL.len() as i64;
    if (done, well) != (wanted, wanted) {
        return Err(
            format!("{wanted} steps were begun {done} times and went well at once {well} times").into()
        );
    }
    plant.remove().await?;
    Ok(Throughput { done, seconds })
}
