//! The faults of a step whose work is a call over HTTP.

use std::time::Duration;

use crate::{
    cell::Cell,
    pipeline::counterpart::Fault,
    process::WorkerProcess,
    table::{Row, Trouble},
};

/// What the other side asks for by `Retry-After`.
pub const RETRY_AFTER: Duration = Duration::from_secs(30);
/// An effect that comes about when another worker has taken over.
const LATE: Duration = Duration::from_secs(3);
/// Long enough to stop a worker while it waits.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Has the trouble come about, and answers who works when the job is done.
pub async fn run(cell: &Cell, row: Row, trouble: Trouble) -> Vec<WorkerProcess> {
    let order = |fault| cell.outside.order(row.act(), fault, 1);
    match trouble {
        Trouble::Timeout => order(Fault::Hang),
        Trouble::Status500 => order(Fault::Status(500)),
        Trouble::LostAnswer => order(Fault::LoseAnswer),
        Trouble::Throttled => return throttled(cell, row).await,
        Trouble::Status400 => return refused_for_good(cell, row).await,
        Trouble::Refused => return unreachable(cell, row).await,
        Trouble::KilledBefore => return killed(cell, row, Fault::Hang).await,
        Trouble::KilledDuring => return killed(cell, row, Fault::Delay(LATE)).await,
        Trouble::KilledAfter => return killed(cell, row, Fault::HangAfterActing).await,
        Trouble::Stopped => return stopped(cell, row).await,
        Trouble::BackendKilled => return backend_killed(cell, row).await,
    }
    let worker = cell.worker().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

async fn throttled(cell: &Cell, row: Row) -> Vec<WorkerProcess> {
    cell.outside.order(row.act(), Fault::Throttle(RETRY_AFTER), 1);
    let worker = cell.worker().await;
    cell.waits_as_told().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

/// A dead letter without an effect, until an admin has it tried again.
async fn refused_for_good(cell: &Cell, row: Row) -> Vec<WorkerProcess> {
    cell.outside.order(row.act(), Fault::Status(400), 1);
    let worker = cell.worker().await;
    cell.dies(row).await;
    assert_eq!(cell.outside.effects(row.place()), 0, "effects of a dead step");
    cell.try_again().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

/// The other side is down when the step begins.
async fn unreachable(cell: &Cell, row: Row) -> Vec<WorkerProcess> {
    cell.db.close_gate(&format!("running {}", row.position())).await;
    let worker = cell.worker().await;
    cell.db.somebody_waits_at_a_gate().await;
    cell.outside.stop().await;
    cell.db.open_gates().await;
    cell.db.wait_until("EXISTS (SELECT FROM step_attempts WHERE message LIKE '%cannot be reached%')").await;
    cell.outside.start_again().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}

/// Killed while its call is there; the other side does with the call what `fault` says.
async fn killed(cell: &Cell, row: Row, fault: Fault) -> Vec<WorkerProcess> {
    cell.outside.order(row.act(), fault, 1);
    let lost = cell.worker().await;
    cell.outside.called(row.act(), 1).await;
    lost.kill().await;
    let other = cell.worker().await;
    cell.db.wait_for_job("succeeded").await;
    if matches!(fault, Fault::Delay(_)) {
        cell.late_calls_are_over(row.act()).await;
    }
    vec![other]
}

/// Stopped after it has asked and before it acts; it wakes when another has done its work, and acts.
async fn stopped(cell: &Cell, row: Row) -> Vec<WorkerProcess> {
    cell.outside.order(row.look(), Fault::Delay(A_MOMENT), 1);
    let sleeper = cell.worker().await;
    cell.outside.called(row.look(), 1).await;
    sleeper.freeze().await;
    let other = cell.worker().await;
    cell.db.wait_for_job("succeeded").await;
    sleeper.thaw().await;
    sleeper.has_ended(row.step().as_str(), 1).await;
    cell.late_calls_are_over(row.place()).await;
    vec![sleeper, other]
}

/// Every connection to Tenantry's database breaks while the step's success is written.
pub async fn backend_killed(cell: &Cell, row: Row) -> Vec<WorkerProcess> {
    cell.db.close_gate(&format!("succeeded {}", row.position())).await;
    let worker = cell.worker().await;
    cell.db.somebody_waits_at_a_gate().await;
    cell.db.end_backends().await;
    cell.db.open_gates().await;
    cell.db.wait_for_job("succeeded").await;
    vec![worker]
}
