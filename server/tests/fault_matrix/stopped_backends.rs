//! A worker whose database backends stop responding, before another fault occurs.

use std::time::Duration;

use test_support::fake_services::Fault as CallFault;
use tokio::process::Command;

use crate::{
    over_http,
    scenario::Scenario,
    table::{Fault, Target},
    worker_process::WorkerProcess,
};

/// Longer than the time limit of a statement in the process, which is 15 s.
const STOP: Duration = Duration::from_secs(20);

/// Stops the backends of a worker while it probes, so that it cannot extend its lease. Then runs the scenario of the
/// fault, beside that worker.
pub(crate) async fn run(scenario: &Scenario, target: Target, fault: Fault) -> Vec<WorkerProcess> {
    scenario.services.inject(target.endpoint().reads(), CallFault::Hold, 1);
    let worker = scenario.start_worker().await;
    scenario.services.wait_for_calls(target.endpoint().reads(), 1).await;
    let pids = scenario.db.worker_backends().await;
    assert!(!pids.is_empty());
    signal("-STOP", &pids).await;
    let resumed = tokio::spawn(async move {
        tokio::time::sleep(STOP).await;
        signal("-CONT", &pids).await;
    });
    scenario.db.wait_until("EXISTS (SELECT FROM jobs WHERE state = 'running' AND due_at < now())").await;
    scenario.services.release();
    let mut workers = over_http::run(scenario, target, fault).await;
    resumed.await.unwrap();
    workers.push(worker);
    workers
}

async fn signal(signal: &str, pids: &[String]) {
    assert!(Command::new("kill").arg(signal).args(pids).status().await.unwrap().success());
}
