//! The fault matrix: every pipeline step against every fault, with real workers, a real PostgreSQL and an
//! HTTP server that injects faults. The test prints the table in `docs/RELIABILITY.md`.
//!
//! `TENANTRY_FAULT_MATRIX=FILE` writes the table to a file. `TENANTRY_FAULT_SCENARIOS=TEXT` runs only the
//! rows and columns whose heading contains this text, such as `bridge` or `400`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod chaos;
mod checks;
mod cluster;
mod copying;
mod database;
mod finalizing;
mod over_http;
mod scenario;
mod table;
mod worker_process;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinSet},
    time::timeout,
};

use cluster::MatrixCluster;
use scenario::Scenario;
use table::{Fault, Table, Target};

/// How many scenarios run at the same time.
const CONCURRENCY: usize = 3;
/// How long a scenario may take. The longest wait in a scenario is 40 s; the rest is a margin for a busy
/// machine.
const SCENARIO_TIMEOUT: Duration = Duration::from_secs(360);

#[tokio::test(flavor = "multi_thread")]
async fn every_step_survives_every_fault_with_one_effect() {
    let cluster = Arc::new(MatrixCluster::start().await);
    // A stopped backend delays every statement that creates a database in its cluster.
    let cluster_with_stops = Arc::new(MatrixCluster::start().await);
    let permits = Arc::new(Semaphore::new(CONCURRENCY));
    let mut runs = JoinSet::new();
    let mut scenarios = table::selected_scenarios();
    // The slowest of the scenarios that need a permit start first.
    scenarios.sort_by_key(|(_, fault)| *fault != Fault::Timeout);
    for (number, (target, fault)) in scenarios.into_iter().enumerate() {
        let cluster = match target {
            Target::BridgeWithStoppedBackends => Arc::clone(&cluster_with_stops),
            _ => Arc::clone(&cluster),
        };
        let permits = Arc::clone(&permits);
        runs.spawn(async move {
            let _permit =
                if fault.mostly_waits() { None } else { Some(permits.acquire_owned().await.unwrap()) };
            // In a task of its own, so that a failed assertion fails this scenario alone.
            let run = tokio::spawn(timeout(SCENARIO_TIMEOUT, run_scenario(cluster, number, target, fault)));
            let result = match run.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(format!("took longer than {} s", SCENARIO_TIMEOUT.as_secs())),
                Err(error) => Err(panic_message(error)),
            };
            (target, fault, result)
        });
    }
    let mut table = Table::default();
    while let Some(finished) = runs.join_next().await {
        let (target, fault, result) = finished.unwrap();
        table.insert(target, fault, result);
    }
    for cluster in [cluster, cluster_with_stops] {
        Arc::into_inner(cluster).expect("all scenarios have ended").stop().await;
    }
    table.publish();
    assert!(table.failures().is_empty(), "{}", table.failures().join("\n"));
}

async fn run_scenario(cluster: Arc<MatrixCluster>, number: usize, target: Target, fault: Fault) {
    let scenario = Scenario::new(cluster, number, target, fault).await;
    let workers = match target {
        Target::CopyByPostgres => copying::run(&scenario, fault).await,
        Target::CopyDuringConnections => copying::run_during_connections(&scenario, fault).await,
        Target::Finalize => finalizing::run(&scenario, fault).await,
        _ => over_http::run(&scenario, target, fault).await,
    };
    checks::check(&scenario, target, fault).await;
    for worker in workers {
        worker.stop().await;
    }
    scenario.clean_up().await;
}

fn panic_message(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "was cancelled".into() };
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
