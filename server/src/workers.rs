//! The workers of the external pipeline in this process, and the upkeep of what they leave.

use std::time::Duration;

use connectors::refill_pool;
use engine::{
    Engine,
    pipeline::{MaintenanceTimeouts, run_maintenance_periodically},
};
use tokio::{sync::watch, task::JoinSet};

use crate::config::Settings;

/// How long workers may take to hand back what they have in hand. What they cannot, others take over
/// when its lease ends.
const HANDING_BACK: Duration = Duration::from_secs(5);
/// How long a worker stays away that broke down, or that finds no schema yet.
const RECOVERY: Duration = Duration::from_secs(1);

/// Running workers. Dropping this ends them at once, as a kill would.
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    upkeep: JoinSet<()>,
}

impl Workers {
    /// Starts as many workers as the settings say, which may be none.
    pub fn start(engine: &Engine, settings: &Settings) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for _ in 0..settings.workers {
            tasks.spawn(keep_working(engine.clone(), settings.lease, stopping.clone()));
        }
        let mut upkeep = JoinSet::new();
        upkeep.spawn(run_maintenance_periodically(engine.clone(), patience(settings)));
        let pool_engine = engine.clone();
        upkeep.spawn(async move { refill_pool(pool_engine.pipeline()).await });
        Self { stop, tasks, upkeep }
    }

    /// Has them hand back what they have in hand, and waits for that.
    pub async fn stop(mut self) {
        // What it is cut off from is taken up by the next.
        self.upkeep.abort_all();
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(HANDING_BACK, ended).await.is_err() {
            tracing::warn!("some workers did not stop in time; others will take over their steps");
        }
    }
}

/// What the settings call too long.
fn patience(settings: &Settings) -> MaintenanceTimeouts {
    MaintenanceTimeouts { unattended: settings.roll_back_after, ..MaintenanceTimeouts::default() }
}

/// One worker after the other: a fault in a step's code ends the worker, not the work.
async fn keep_working(engine: Engine, lease: Duration, mut stopping: watch::Receiver<bool>) {
    // At a first start the tables are still to be made.
    while !*stopping.borrow() && engine.check_schema().await.is_err() {
        let _ = tokio::time::timeout(RECOVERY, stopping.changed()).await;
    }
    while !*stopping.borrow() {
        // A set of its own, so that the worker ends with whoever waits for it.
        let mut worker = JoinSet::new();
        worker.spawn(engine.worker().with_lease(lease).run(stopping.clone()));
        match worker.join_next().await {
            Some(Err(fault)) => {
                tracing::error!(%fault, "a worker broke down");
                tokio::time::sleep(RECOVERY).await;
            }
            _ => return,
        }
    }
}
