//! The faults of the last step. The step sets the sync status in Odoo 19's tenant registry, and activates
//! the tenant in Tenantry's database.

use test_support::{
    fake_services::Fault as CallFault,
    fault_proxy::{Fault as ProxyFault, Matcher},
};

use crate::{
    copying::killed_after,
    database::Lock,
    over_http::{RETRY_AFTER, backend_killed},
    scenario::Scenario,
    table::{Fault, Target},
    worker_process::WorkerProcess,
};

const TARGET: Target = Target::Finalize;

/// Runs the job with a fault until it succeeds, and returns the running workers.
pub(crate) async fn run(scenario: &Scenario, fault: Fault) -> Vec<WorkerProcess> {
    match fault {
        Fault::Timeout => tenant_locked(scenario).await,
        Fault::Refused => database_unreachable(scenario).await,
        Fault::ResponseLost => response_lost(scenario).await,
        Fault::KilledBefore => killed_with_backend(scenario).await,
        Fault::KilledDuring => killed_without_backend(scenario).await,
        Fault::KilledAfter => killed_after(scenario, TARGET).await,
        Fault::WorkerPaused => worker_paused(scenario).await,
        Fault::BackendKilled => backend_killed(scenario, TARGET).await,
        Fault::Status500 => sync_status_refused(scenario, CallFault::Status(500)).await,
        Fault::Throttled => sync_status_refused(scenario, CallFault::Throttle(RETRY_AFTER)).await,
        Fault::Status400 => sync_status_refused(scenario, CallFault::Status(400)).await,
    }
}

/// Starts a worker and stops it at the gate before the step.
async fn worker_at_gate(scenario: &Scenario) -> WorkerProcess {
    scenario.db.close_gate(&format!("running {}", TARGET.position())).await;
    let worker = scenario.worker().await;
    scenario.db.wait_for_worker_at_gate().await;
    worker
}

/// Odoo 19 refuses the sync status.
async fn sync_status_refused(scenario: &Scenario, fault: CallFault) -> Vec<WorkerProcess> {
    let worker = worker_at_gate(scenario).await;
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
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

/// Starts a worker that waits for the tenant's row, which is locked.
async fn worker_at_locked_tenant(scenario: &Scenario) -> (WorkerProcess, Lock) {
    let worker = worker_at_gate(scenario).await;
    let lock = scenario.db.lock("SELECT FROM tenants FOR UPDATE").await;
    scenario.db.open_gates().await;
    scenario.db
        .wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%activate_tenant%')")
        .await;
    (worker, lock)
}

async fn tenant_locked(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (worker, lock) = worker_at_locked_tenant(scenario).await;
    scenario.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE outcome = 'failed')").await;
    lock.release().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

/// The database is unreachable for longer than a lease.
async fn database_unreachable(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (worker, lock) = worker_at_locked_tenant(scenario).await;
    scenario.database_proxy.refuse_connections().await;
    scenario.db.terminate_worker_backends().await;
    lock.release().await;
    scenario.db.wait_until("EXISTS (SELECT FROM jobs WHERE lease_until < now())").await;
    scenario.database_proxy.accept_connections();
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

async fn response_lost(scenario: &Scenario) -> Vec<WorkerProcess> {
    scenario.database_proxy.inject(Matcher::TextContains("activate_tenant"), ProxyFault::LoseResponse);
    let worker = scenario.worker().await;
    scenario.database_proxy.wait_until_triggered().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

/// The worker and its backend are killed before the tenant is active.
async fn killed_with_backend(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (killed, lock) = worker_at_locked_tenant(scenario).await;
    killed.kill().await;
    scenario.db.terminate_worker_backends().await;
    lock.release().await;
    finish_with_other_worker(scenario).await
}

/// The worker is killed. Its backend continues and activates the tenant.
async fn killed_without_backend(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (killed, lock) = worker_at_locked_tenant(scenario).await;
    killed.kill().await;
    lock.release().await;
    finish_with_other_worker(scenario).await
}

async fn finish_with_other_worker(scenario: &Scenario) -> Vec<WorkerProcess> {
    let other = scenario.worker().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![other]
}

/// The tenant becomes active while the worker is paused.
async fn worker_paused(scenario: &Scenario) -> Vec<WorkerProcess> {
    let (paused, lock) = worker_at_locked_tenant(scenario).await;
    paused.pause().await;
    lock.release().await;
    let other = scenario.worker().await;
    scenario.db.wait_until_job_succeeds().await;
    paused.resume().await;
    paused.wait_for_attempt_log(TARGET.step().as_str(), 1).await;
    vec![paused, other]
}
