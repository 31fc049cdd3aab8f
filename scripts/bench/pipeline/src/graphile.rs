//! The measurements of `steps` and `pick_up` for `graphile_worker`, with its default settings.

use std::time::Instant;

use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, RawJobSpec, TaskHandler, Worker, WorkerContext, WorkerOptions,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinSet,
};
use url::Url;

use crate::{
    BenchResult,
    database::Database,
    output::announce,
    pick_up::{self, Latencies},
    steps::Throughput,
};

/// The number of jobs that one statement adds.
const BATCH: usize = 1000;

/// A no-op job. Reports its start if the worker has a [`StartReporter`].
#[derive(Debug, Serialize, Deserialize)]
struct NoOp {}

#[derive(Debug, Clone)]
struct StartReporter(UnboundedSender<Instant>);

impl TaskHandler for NoOp {
    const IDENTIFIER: &'static str = "no_op";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        if let Some(StartReporter(started)) = context.get_ext::<StartReporter>() {
            started.send(Instant::now()).map_err(|error| error.to_string())?;
        }
        Ok::<(), String>(())
    }
}

fn options(pool: &PgPool) -> WorkerOptions {
    WorkerOptions::default()
        .pg_pool(pool.clone())
        .schema("graphile_worker")
        .define_job::<NoOp>()
        // Signals keep their default effect on this program.
        .listen_os_shutdown_signals(false)
}

/// Runs `jobs` jobs with `workers` workers, each with a concurrency of one.
pub async fn measure(server: &Url, workers: u32, jobs: u32) -> BenchResult<Throughput> {
    let database = Database::create(server).await?;
    let pool = database.pool()?;
    let mut ready = Vec::new();
    for _ in 0..workers {
        ready.push(options(&pool).concurrency(1).init().await?);
    }
    add(ready.first().ok_or("no workers")?, jobs).await?;
    sqlx::query("ANALYZE").execute(&pool).await?;
    announce("started")?;
    let began = Instant::now();
    let mut running = JoinSet::new();
    for worker in ready {
        running.spawn(async move { worker.run_once().await });
    }
    while let Some(result) = running.join_next().await {
        result??;
    }
    let seconds = began.elapsed().as_secs_f64();
    announce("finished")?;
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM graphile_worker._private_jobs").fetch_one(&pool).await?;
    if left > 0 {
        return Err(format!("{left} of {jobs} jobs are left").into());
    }
    pool.close().await;
    database.remove().await?;
    Ok(Throughput { done: jobs.into(), seconds })
}

async fn add(worker: &Worker, jobs: u32) -> BenchResult<()> {
    let job = || RawJobSpec {
        identifier: NoOp::IDENTIFIER.into(),
        payload: serde_json::json!({}),
        spec: JobSpec::default(),
    };
    let all: Vec<_> = (0..jobs).map(|_| job()).collect();
    for batch in all.chunks(BATCH) {
        worker.create_utils().add_raw_jobs(batch).await?;
    }
    Ok(())
}

/// Adds `jobs` jobs one by one, each while a worker with `concurrency` slots is idle.
pub async fn measure_pick_up(server: &Url, concurrency: u32, jobs: u32) -> BenchResult<Latencies> {
    let database = Database::create(server).await?;
    let pool = database.pool()?;
    let (started, mut starts) = unbounded_channel();
    let worker = std::sync::Arc::new(
        options(&pool).concurrency(concurrency as usize).add_extension(StartReporter(started)).init().await?,
    );
    let running = tokio::spawn({
        let worker = worker.clone();
        async move { worker.run().await }
    });
    let utils = worker.create_utils();
    let mut latencies = Vec::new();
    for _ in Latencies::with_warm_up(jobs) {
        utils.add_job(NoOp {}, JobSpec::default()).await?;
        latencies.push(pick_up::wait_for_start(Instant::now(), &mut starts).await?);
        pick_up::pause().await;
    }
    worker.request_shutdown();
    running.await??;
    pool.close().await;
    database.remove().await?;
    Ok(Latencies::without_warm_up(latencies))
}
