//! The faults of the last step. The step sets the sync status in Odoo 19's tenant registry, and activates
//! the tenant in Tenantry's database.

use test_support::{
    fake_services::Fault as CallFault,
    fault_proxy::{Fault as ProxyFault, Matcher},
};

use crate::{
    copying::kill_after_effect,
    database::Lock,
    over_http::{RETRY_AFTER, stop_service_for_5_minutes, stop_service_for_40_seconds, terminate_backends},
    scenario::Scenario,
    table::{Fault, Target},
    worker_process::WorkerProcess,
};

const TARGET: Target = Target::Finalize;

/// Runs the job with a fault until it succeeds, and returns the running workers.
pub(crate) async fn run(scenario: &Scenario, fault: Fault) -> Vec<WorkerProcess> {
    match fault {
        Fault::Timeout => lock_tenant(scenario).await,
        Fault::Refused => disconnect_database(scenario).await,
        Fault::ResponseLost => lose_response(scenario).await,
        Fault::KilledBefore => kill_with_backend(scenario).await,
        Fault::KilledDuring => kill_without_backend(scenario).await,
        Fault::KilledAfter => kill_after_effect(scenario, TARGET).await,
        Fault::WorkerPaused => pause_worker(scenario).await,
        Fault::BackendKilled => terminate_backends(scenario, TARGET).await,
        Fault::Status500 => fail_sync_status(scenario, CallFault::Status(500)).await,
        Fault::Throttled => fail_sync_status(scenario, CallFault::Throttle(RETRY_AFTER)).await,
        Fault::Status400 => fail_sync_status(scenario, CallFault::Status(400)).await,
        Fault::ByteByByte => fail_sync_status(scenario, CallFault::ByteByByte).await,
        Fault::DownFor40Seconds => stop_service_for_40_seconds(scenario, TARGET).await,
        Fault::DownFor5Minutes => stop_service_for_5_minutes(scenario, TARGET).await,
    }
}

/// Starts a worker, which then waits at the gate before the step.
async fn start_worker_at_gate(scenario: &Scenario) -> WorkerProcess {
    scenario.db.close_gate(&format!("running {}", TARGET.position())).await;
    let worker = scenario.start_worker().await;
    scenario.db.wait_for_worker_at_gate().await;
    worker
}

/// Makes Odoo 19 fail the call that sets the sync status.
async fn fail_sync_status(scenario: &Scenario, fault: CallFault) -> Vec<WorkerProcess> {
    let worker = start_worker_at_gate(scenario).await;
    scenario.services.inject(TARGET.effect_call(), fault, 1);
    scenario.db.open_gates().await;
    match fault {
        CallFault::Throttle(_) => scenario.wait_for_throttled_job().await,
        CallFault::Status(400) => {
            scenario.wait_for_dead_step(TARGET).await;
            scenario.retry_dead_step().await;
        }
        _ => {}
    }
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Starts a worker that waits for the tenant's row, which is locked.
async fn start_worker_at_locked_tenant(scenario: &Scenario) -> (WorkerProcess, Lock) {
    let worker = start_worker_at_gate(scenario).await;
    let lock = scenario.db.lock("SELECT FROM tenants FOR NO KEY UPDATE").await;
    scenario.db.open_gates().await;
    scenario.db
        .wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%activate_tenant%')")
        .await;
    (worker, lock)
}

async fn lock_tenant(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (worker, lock) = start_worker_at_locked_tenant(scenario).await;
    scenario.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE outcome = 'failed')").await;
    lock.release().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Makes the database unreachable for longer than a lease.
async fn disconnect_database(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (worker, lock) = start_worker_at_locked_tenant(scenario).await;
    scenario.database_proxy.refuse_connections().await;
    scenario.db.terminate_worker_backends().await;
    lock.release().await;
    scenario.db.wait_until("EXISTS (SELECT FROM jobs WHERE state = 'running' AND due_at < now())").await;
    scenario.database_proxy.accept_connections();
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

async fn lose_response(scenario: &Scenario) -> Vec<WorkerProcess> {
    scenario.database_proxy.inject(Matcher::TextContains("activate_tenant"), ProxyFault::LoseResponse);
    let worker = scenario.start_worker().await;
    scenario.database_proxy.wait_until_triggered().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Kills the worker and its backend before the tenant is active.
async fn kill_with_backend(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (killed, lock) = start_worker_at_locked_tenant(scenario).await;
    killed.kill().await;
    scenario.db.terminate_worker_backends().await;
    lock.release().await;
    finish_with_other_worker(scenario).await
}

/// Kills the worker. Its backend continues and activates the tenant.
async fn kill_without_backend(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (killed, lock) = start_worker_at_locked_tenant(scenario).await;
    killed.kill().await;
    lock.release().await;
    finish_with_other_worker(scenario).await
}

async fn finish_with_other_worker(scenario: &Scenario) -> Vec<WorkerProcess> {
    let other = scenario.start_worker().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![other]
}

/// Pauses the worker until the tenant is active.
async fn pause_worker(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (paused, lock) = start_worker_at_locked_tenant(scenario).await;
    paused.pause().await;
    lock.release().await;
    let other = scenario.start_worker().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    paused.resume().await;
    paused.wait_for_attempt_log(TARGET.step().as_str(), 1).await;
    vec![paused, other]
}
