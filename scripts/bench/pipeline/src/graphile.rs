//! The same measurements of the job queue `graphile_worker`, with its default settings.

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
    Outcome,
    database::Database,
    mark,
    pick_up::{self, Latencies},
    steps::Throughput,
};

/// How many jobs are added in one statement.
const BATCH: usize = 1000;

/// A job that does nothing; it tells when it begins, where somebody wants to know.
#[derive(Debug, Serialize, Deserialize)]
struct NoOp {}

#[derive(Debug, Clone)]
struct Begin(UnboundedSender<Instant>);

impl TaskHandler for NoOp {
    const IDENTIFIER: &'static str = "no_op";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        if let Some(Begin(begin)) = context.get_ext::<Begin>() {
            begin.send(Instant::now()).map_err(|error| error.to_string())?;
        }
        Ok::<(), String>(())
    }
}

fn options(pool: &PgPool) -> WorkerOptions {
    WorkerOptions::default()
        .pg_pool(pool.clone())
        .schema("graphile_worker")
        .define_job::<NoOp>()
        // A signal ends this program as any other.
        .listen_os_shutdown_signals(false)
}

/// Lets so many workers, one job at a time each, do so many jobs.
pub async fn measure(server: &Url, workers: u32, jobs: u32) -> Outcome<Throughput> {
    let database = Database::create(server).await?;
    let pool = database.pool()?;
    let mut ready = Vec::new();
    for _ in 0..workers {
        ready.push(options(&pool).concurrency(1).init().await?);
    }
    add(ready.first().ok_or("no workers")?, jobs).await?;
    sqlx::query("ANALYZE").execute(&pool).await?;
    mark("begun")?;
    let began = Instant::now();
    let mut running = JoinSet::new();
    for worker in ready {
        running.spawn(async move { worker.run_once().await });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    let seconds = began.elapsed().as_secs_f64();
    mark("ended")?;
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM graphile_worker._private_jobs").fetch_one(&pool).await?;
    if left > 0 {
        return Err(format!("{left} of {jobs} jobs were not done").into());
    }
    pool.close().await;
    database.remove().await?;
    Ok(Throughput { done: jobs.into(), seconds })
}

async fn add(worker: &Worker, jobs: u32) -> Outcome<()> {
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

/// Adds so many jobs one after the other, each when a worker of so many places has nothing to do.
pub async fn measure_pick_up(server: &Url, places: u32, jobs: u32) -> Outcome<Latencies> {
    let database = Database::create(server).await?;
    let pool = database.pool()?;
    let (begin, mut begun) = unbounded_channel();
    let worker = std::sync::Arc::new(
        options(&pool).concurrency(places as usize).add_extension(Begin(begin)).init().await?,
    );
    let running = tokio::spawn({
        let worker = worker.clone();
        async move { worker.run().await }
    });
    let utils = worker.create_utils();
    let mut latencies = Vec::new();
    for _ in Latencies::with_warm_up(jobs) {
        utils.add_job(NoOp {}, JobSpec::default()).await?;
        latencies.push(pick_up::since(Instant::now(), &mut begun).await?);
        pick_up::rest().await;
    }
    worker.request_shutdown();
    running.await??;
    pool.close().await;
    database.remove().await?;
    Ok(Latencies::without_warm_up(latencies))
}
