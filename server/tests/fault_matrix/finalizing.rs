//! The faults of the last step: Odoo 19's list says that all is in step, and in Tenantry's own database
//! the tenant is active.

use std::time::Duration;

use crate::{
    cell::Cell,
    copying::killed_after,
    database::Lock,
    line::Plan,
    over_http::{RETRY_AFTER, backend_killed},
    pipeline::counterpart::Fault,
    process::WorkerProcess,
    table::{Row, Trouble},
};

const ROW: Row = Row::Finalize;

/// Has the trouble come about, and answers who works when the job is done.
pub async fn run(cell: &Cell, trouble: Trouble) -> Vec<WorkerProcess> {
    match trouble {
        Trouble::Timeout => tenant_locked(cell).await,
        Trouble::Refused => unreachable(cell).await,
        Trouble::LostAnswer => answer_lost(cell).await,
        Trouble::KilledBefore => killed(cell, true).await,
        Trouble::KilledDuring => killed(cell, false).await,
        Trouble::KilledAfter => killed_after(cell, ROW).await,
        Trouble::Stopped => stopped(cell).await,
        Trouble::BackendKilled => backend_killed(cell, ROW).await,
        Trouble::Status500 => refused(cell, Fault::Status(500)).await,
        Trouble::Throttled => refused(cell, Fault::Throttle(RETRY_AFTER)).await,
        Trouble::Status400 => refused(cell, Fault::Status(400)).await,
    }
}

/// A worker that is about to begin the step.
async fn at_the_gate(cell: &Cell) -> WorkerProcess {
    cell.db.close_gate(&format!("running {}", ROW.position())).await;
    let worker = cell.worker().await;
    cell.db.somebody_waits_at_a_gate().await;
    worker
}

/// Odoo 19 does not take that all is in step.
async fn refused(cell: &Cell, fault: Fault) -> Vec<WorkerProcess> {
    let worker = at_the_gate(cell).await;
    cell.outside.order(ROW.act(), fault, 1);
    cell.db.open_gates().await;
    match fault {
        Fault::Throttle(_) => cell.waits_as_told().await,
        Fault::Status(400) => {
            cell.dies(ROW).await;
            cell.try_again().await;
        }
        _ => {}
    }
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

/// A worker that waits for the tenant, which is locked.
async fn at_the_tenant(cell: &Cell) -> (WorkerProcess, Lock) {
    let worker = at_the_gate(cell).await;
    let lock = cell.db.lock("SELECT FROM tenants FOR UPDATE").await;
    cell.db.open_gates().await;
    cell.db
        .wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%activate_tenant%')")
        .await;
    (worker, lock)
}

async fn tenant_locked(cell: &Cell) -> Vec<WorkerProcess> {
    let (worker, lock) = at_the_tenant(cell).await;
    cell.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE outcome = 'failed')").await;
    lock.release().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

/// The database is gone from one moment to the next, for longer than a lease.
async fn unreachable(cell: &Cell) -> Vec<WorkerProcess> {
    let (worker, lock) = at_the_tenant(cell).await;
    cell.core.go_down();
    cell.db.end_backends().await;
    lock.release().await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    cell.core.come_up();
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

async fn answer_lost(cell: &Cell) -> Vec<WorkerProcess> {
    cell.core.plan("activate_tenant", Plan::LoseAnswer);
    let worker = cell.worker().await;
    cell.core.struck().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

/// Killed with its backend, or alone: then the backend goes on and activates.
async fn killed(cell: &Cell, with_its_backend: bool) -> Vec<WorkerProcess> {
    let (lost, lock) = at_the_tenant(cell).await;
    lost.kill().await;
    if with_its_backend {
        cell.db.end_backends().await;
    }
    lock.release().await;
    let other = cell.worker().await;
    cell.db.wait_for_job("succeeded").await;
    vec![other]
}

/// The tenant becomes active while the worker is stopped.
async fn stopped(cell: &Cell) -> Vec<WorkerProcess> {
    let (sleeper, lock) = at_the_tenant(cell).await;
    sleeper.freeze().await;
    lock.release().await;
    let other = cell.worker().await;
    cell.db.wait_for_job("succeeded").await;
    sleeper.thaw().await;
    sleeper.has_ended(ROW.step().as_str(), 1).await;
    vec![sleeper, other]
}
