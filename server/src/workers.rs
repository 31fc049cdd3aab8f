//! The workers of this process, for the pipeline and for mail, and periodic maintenance.

use std::time::Duration;

use connectors::refill_pool;
use domain::jobs::RetryPolicy;
use engine::{
    Engine,
    audit::maintain_chain,
    import::run_imports,
    mail::Mailer,
    pipeline::{MaintenanceTimeouts, run_maintenance_periodically},
};
use tokio::{sync::watch, task::JoinSet};

use crate::config::Settings;

/// How long workers may take to release their steps during shutdown. Other workers take over the remaining
/// steps after the leases have expired.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait after a worker crashed, or while the schema is missing.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Running workers. Dropping this value aborts the workers, as killing the process does.
#[derive(Debug)]
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    maintenance: JoinSet<()>,
    mailer: Mailer,
}

impl Workers {
    /// Starts the configured number of workers, which may be 0.
    pub(crate) fn start(engine: &Engine, settings: &Settings) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let lease = Duration::from_secs(settings.lease_seconds);
        let retry_policy = RetryPolicy { period: Duration::from_secs(60 * settings.retry_minutes) };
        let mail_workers = if settings.workers == 0 { 0 } else { settings.mail_workers };
        let counts = [(WorkerKind::Pipeline, settings.workers), (WorkerKind::Mail, mail_workers)];
        for kind in counts.into_iter().flat_map(|(kind, count)| (0..count).map(move |_| kind)) {
            tasks.spawn(run_worker(engine.clone(), kind, lease, retry_policy, stopping.clone()));
        }
        let mut maintenance = JoinSet::new();
        let timeouts = maintenance_timeouts(settings);
        let [periodic, chain, imports, pool] = std::array::from_fn(|_| engine.clone());
        maintenance.spawn(restart_after_panic("maintenance", move || {
            run_maintenance_periodically(periodic.clone(), timeouts)
        }));
        maintenance.spawn(restart_after_panic("audit chain", move || maintain_chain(chain.clone())));
        maintenance.spawn(restart_after_panic("imports", move || run_imports(imports.clone())));
        maintenance.spawn(restart_after_panic("warm pool", move || {
            let engine = pool.clone();
            async move { refill_pool(engine.pipeline()).await }
        }));
        Self { stop, tasks, maintenance, mailer: engine.mailer().clone() }
    }

    /// Stops the workers: each releases its current step.
    pub(crate) async fn stop(mut self) {
        // The next maintenance run of any process continues an interrupted run.
        self.maintenance.abort_all();
        self.stop.send_replace(true);
        let ended = async {
            while self.tasks.join_next().await.is_some() {}
            self.mailer.finish_transmissions().await;
        };
        if tokio::time::timeout(RELEASE_TIMEOUT, ended).await.is_err() {
            tracing::warn!("some workers did not stop in time; other workers take over their steps");
        }
    }
}

/// The queue that a worker serves.
#[derive(Debug, Clone, Copy)]
enum WorkerKind {
    Pipeline,
    Mail,
}

/// The timeouts of maintenance, from the settings.
fn maintenance_timeouts(settings: &Settings) -> MaintenanceTimeouts {
    let unattended = settings.rollback_after_hours.map(|hours| Duration::from_secs(3600 * hours));
    MaintenanceTimeouts { unattended, retention: settings.retention(), ..MaintenanceTimeouts::default() }
}

/// Runs a task, and starts it again if it panics.
async fn restart_after_panic<F>(name: &'static str, start: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        // The set aborts the task when this future is dropped.
        let mut task = JoinSet::new();
        task.spawn(start());
        let Some(Err(error)) = task.join_next().await else { return };
        tracing::error!(name, %error, "a background task crashed; starting it again");
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

/// Runs a worker, and starts another one if it panics.
async fn run_worker(
    engine: Engine,
    kind: WorkerKind,
    lease: Duration,
    retry_policy: RetryPolicy,
    mut stopping: watch::Receiver<bool>,
) {
    // On the first start, the tables do not exist yet.
    while !*stopping.borrow() && engine.check_schema().await.is_err() {
        let _ = tokio::time::timeout(RETRY_DELAY, stopping.changed()).await;
    }
    while !*stopping.borrow() {
        // The set aborts the worker when this task is aborted.
        let mut task = JoinSet::new();
        let worker = match kind {
            WorkerKind::Pipeline => engine.worker().with_retry_policy(retry_policy),
            WorkerKind::Mail => engine.mail_worker(),
        };
        task.spawn(worker.with_lease(lease).run(stopping.clone()));
        match task.join_next().await {
            Some(Err(error)) => {
                tracing::error!(%error, "a worker crashed; starting another one");
                tokio::time::sleep(RETRY_DELAY).await;
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::restart_after_panic;

    #[tokio::test]
    async fn a_task_that_panics_is_started_again() {
        let starts = AtomicUsize::new(0);
        restart_after_panic("a test", || {
            let start = starts.fetch_add(1, Ordering::Relaxed);
            async move { assert!(start >= 2, "a panic of the test") }
        })
        .await;
        assert_eq!(starts.load(Ordering::Relaxed), 3);
    }
}
