//! The time until an idle worker starts the first step of a new job (`docs/specification.md`, section 11).

use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::{Job, StepWork};
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

use crate::{
    BenchResult,
    fixture::{PipelineFixture, every_connector},
    steps::no_ops,
};

/// The first runs open connections and are not counted.
const WARM_UP: u32 = 5;
/// The minimum idle time between jobs.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Serialize)]
pub struct Latencies {
    milliseconds: Vec<f64>,
}

/// A no-op step that reports its start.
#[derive(Debug)]
struct StartReporter(UnboundedSender<Instant>);

#[async_trait]
impl StepWork for StartReporter {
    async fn probe(&self, _job: &Job) -> Result<Option<String>, StepFailure> {
        self.0.send(Instant::now()).map_err(|_| StepFailure::permanent("the receiver is closed"))?;
        Ok(Some("exists".into()))
    }

    async fn act(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}

/// Adds `jobs` jobs one by one, each while all `workers` workers are idle.
pub async fn measure(server: &Url, workers: u32, jobs: u32) -> BenchResult<Latencies> {
    let fixture = PipelineFixture::new(server, every_connector()?).await?;
    let (started, mut starts) = unbounded_channel();
    let running = fixture.start(no_ops().with(Step::CopyDatabase, StartReporter(started)), workers);
    let mut latencies = Vec::new();
    for number in Latencies::with_warm_up(jobs) {
        fixture.add_tenant(number).await?;
        latencies.push(wait_for_start(Instant::now(), &mut starts).await?);
        fixture
            .wait_until(
                "SELECT NOT EXISTS (SELECT FROM jobs WHERE queue = 'pipeline' AND state <> 'succeeded')",
            )
            .await?;
        pause().await;
    }
    running.stop().await;
    fixture.remove().await?;
    Ok(Latencies::without_warm_up(latencies))
}

/// Waits for the next reported start and returns the time since `added`. Returns zero if the job started
/// before its creation returned.
pub async fn wait_for_start(
    added: Instant,
    starts: &mut UnboundedReceiver<Instant>,
) -> BenchResult<Duration> {
    let started = starts.recv().await.ok_or("the worker has stopped")?;
    Ok(started.saturating_duration_since(added))
}

/// Sleeps for a random time, so that the times of new jobs do not align with a worker's poll interval.
pub async fn pause() {
    tokio::time::sleep(PAUSE.mul_f64(1.0 + rand::random::<f64>())).await;
}

impl Latencies {
    /// The numbers of all runs: the warm-up, then `jobs` runs that count.
    pub fn with_warm_up(jobs: u32) -> std::ops::Range<u32> {
        0..WARM_UP + jobs
    }

    pub fn without_warm_up(all: Vec<Duration>) -> Self {
        let counted = all.into_iter().skip(WARM_UP as usize);
        Self { milliseconds: counted.map(|latency| latency.as_secs_f64() * 1000.0).collect() }
    }
}
