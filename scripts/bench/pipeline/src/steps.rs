//! Durable steps per second (`docs/specification.md`, section 11).

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::{Job, StepWork, Steps};
use serde::Serialize;
use url::Url;

use crate::{
    BenchResult,
    fixture::{PipelineFixture, every_connector},
    output::announce,
};

/// The number of completed steps or jobs, and the elapsed seconds.
#[derive(Debug, Serialize)]
pub struct Throughput {
    pub done: i64,
    pub seconds: f64,
}

/// A step whose probe always succeeds.
#[derive(Debug)]
pub struct NoOp;

#[async_trait]
impl StepWork for NoOp {
    async fn probe(&self, _job: &Job) -> Result<Option<String>, StepFailure> {
        Ok(Some("exists".into()))
    }

    async fn act(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}

/// All seven steps as no-ops.
pub fn no_ops() -> Steps {
    Step::ALL.into_iter().fold(Steps::default(), |steps, step| steps.with(step, NoOp))
}

/// Runs the last `steps` steps of `jobs` jobs with `workers` workers.
pub async fn measure(server: &Url, workers: u32, jobs: u32, steps: u32) -> BenchResult<Throughput> {
    let fixture = PipelineFixture::new(server, every_connector()?).await?;
    fixture.add_tenants(jobs).await?;
    fixture.skip_all_but_last(steps).await?;
    announce("started")?;
    let running = fixture.start(no_ops(), workers);
    fixture
        .wait_until("SELECT NOT EXISTS (SELECT FROM jobs WHERE queue = 'pipeline' AND state <> 'succeeded')")
        .await?;
    announce("finished")?;
    running.stop().await;
    let (done, succeeded, seconds): (i64, i64, f64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE number = 1 AND outcome = 'succeeded'),
             extract(epoch FROM max(finished_at) - min(started_at))::float8
         FROM step_attempts",
    )
    .fetch_one(&fixture.pool)
    .await?;
    let expected = i64::from(jobs) * i64::from(steps);
    if (done, succeeded) != (expected, expected) {
        return Err(
            format!("{expected} steps: {done} attempts, {succeeded} succeeded at the first attempt").into()
        );
    }
    fixture.remove().await?;
    Ok(Throughput { done, seconds })
}
