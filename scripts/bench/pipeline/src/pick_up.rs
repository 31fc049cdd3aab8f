//! How soon an idle worker begins the first step of a new job (SPEC section 11).

use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::{Job, StepWork};
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

use crate::{
    Outcome,
    plant::{Plant, every_connector},
    steps::no_ops,
};

/// What does not count: at first connections are opened.
const WARM_UP: u32 = 5;
/// Time for workers to have nothing to do.
const REST: Duration = Duration::from_millis(20);

#[derive(Debug, Serialize)]
pub struct Latencies {
    milliseconds: Vec<f64>,
}

/// Tells when it begins.
#[derive(Debug)]
struct Noted(UnboundedSender<Instant>);

#[async_trait]
impl StepWork for Noted {
    async fn probe(&self, _job: &Job) -> Result<Option<String>, StepFailure> {
        self.0.send(Instant::now()).map_err(|_| StepFailure::permanent("nobody waits"))?;
        Ok(Some("there".into()))
    }

    async fn act(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}

/// Adds so many jobs one after the other, each when so many workers have nothing to do.
pub async fn measure(server: &Url, workers: u32, jobs: u32) -> Outcome<Latencies> {
    let plant = Plant::new(server, every_connector()?).await?;
    let (begin, mut begun) = unbounded_channel();
    let running = plant.start(no_ops().with(Step::CopyDatabase, Noted(begin)), workers);
    let mut latencies = Vec::new();
    for number in Latencies::with_warm_up(jobs) {
        plant.add_tenant(number).await?;
        latencies.push(since(Instant::now(), &mut begun).await?);
        plant.wait_until("SELECT NOT EXISTS (SELECT FROM jobs WHERE state <> 'succeeded')").await?;
        rest().await;
    }
    running.stop().await;
    plant.remove().await?;
    Ok(Latencies::without_warm_up(latencies))
}

/// The time from `added` to what is told next; none where it was sooner than the answer to whoever added.
pub async fn since(added: Instant, begun: &mut UnboundedReceiver<Instant>) -> Outcome<Duration> {
    let begun = begun.recv().await.ok_or("nobody works any more")?;
    Ok(begun.saturating_duration_since(added))
}

/// A rest of some length, so that no clock of a worker keeps step with it.
pub async fn rest() {
    tokio::time::sleep(REST.mul_f64(1.0 + rand::random::<f64>())).await;
}

impl Latencies {
    /// How many there have to be, for so many that count.
    pub fn with_warm_up(jobs: u32) -> std::ops::Range<u32> {
        0..WARM_UP + jobs
    }

    pub fn without_warm_up(all: Vec<Duration>) -> Self {
        let counted = all.into_iter().skip(WARM_UP as usize);
        Self { milliseconds: counted.map(|latency| latency.as_secs_f64() * 1000.0).collect() }
    }
}
