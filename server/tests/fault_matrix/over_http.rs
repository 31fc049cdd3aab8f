//! The faults of steps that call a service over HTTP.

use std::time::Duration;

use test_support::fake_services::Fault as CallFault;

use crate::{
    scenario::Scenario,
    table::{Fault, Row},
    worker_process::WorkerProcess,
};

/// The `Retry-After` of a throttled call.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(30);
/// Long enough that another worker takes over before the effect.
const EFFECT_DELAY: Duration = Duration::from_secs(7);
/// Long enough to pause a worker while it waits for the response.
const READ_DELAY: Duration = Duration::from_secs(4);

/// Runs the job with a fault until it succeeds, and returns the running workers.
pub(crate) async fn run(scenario: &Scenario, row: Row, fault: Fault) -> Vec<WorkerProcess> {
    let inject = |fault| scenario.services.inject(row.effect_call(), fault, 1);
    match fault {
        Fault::Timeout => inject(CallFault::Hang),
        Fault::Status500 => inject(CallFault::Status(500)),
        Fault::ResponseLost => inject(CallFault::LoseResponse),
        Fault::Throttled => return throttled(scenario, row).await,
        Fault::Status400 => return permanently_refused(scenario, row).await,
        Fault::Refused => return unreachable(scenario, row).await,
        Fault::KilledBefore => return killed(scenario, row, CallFault::Hang).await,
        Fault::KilledDuring => return killed(scenario, row, CallFault::Delay(EFFECT_DELAY)).await,
        Fault::KilledAfter => return killed(scenario, row, CallFault::HangAfterActing).await,
        Fault::Stopped => return stopped(scenario, row).await,
        Fault::BackendKilled => return backend_killed(scenario, row).await,
    }
    let worker = scenario.worker().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

async fn throttled(scenario: &Scenario, row: Row) -> Vec<WorkerProcess> {
    scenario.services.inject(row.effect_call(), CallFault::Throttle(RETRY_AFTER), 1);
    let worker = scenario.worker().await;
    scenario.wait_for_throttled_job().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

/// The step is a dead letter without an effect until an admin retries it.
async fn permanently_refused(scenario: &Scenario, row: Row) -> Vec<WorkerProcess> {
    scenario.services.inject(row.effect_call(), CallFault::Status(400), 1);
    let worker = scenario.worker().await;
    scenario.wait_for_dead_step(row).await;
    assert_eq!(scenario.services.effects(row.endpoint()), 0, "effects of a dead step");
    scenario.retry_dead_step().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

/// The service is down when the step starts.
async fn unreachable(scenario: &Scenario, row: Row) -> Vec<WorkerProcess> {
    scenario.db.close_gate(&format!("running {}", row.position())).await;
    let worker = scenario.worker().await;
    scenario.db.wait_for_worker_at_gate().await;
    scenario.services.stop().await;
    scenario.db.open_gates().await;
    scenario
        .db
        .wait_until("EXISTS (SELECT FROM step_attempts WHERE message LIKE '%cannot be reached%')")
        .await;
    scenario.services.restart().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}

/// The worker is killed during its call; `fault` decides about the effect.
async fn killed(scenario: &Scenario, row: Row, fault: CallFault) -> Vec<WorkerProcess> {
    scenario.services.inject(row.effect_call(), fault, 1);
    let lost = scenario.worker().await;
    scenario.services.wait_for_calls(row.effect_call(), 1).await;
    lost.kill().await;
    let other = scenario.worker().await;
    scenario.db.wait_until_job_succeeds().await;
    if matches!(fault, CallFault::Delay(_)) {
        scenario.wait_for_pending_calls(row.effect_call()).await;
    }
    vec![other]
}

/// The worker is paused between probe and act. It resumes after another worker has finished the job, and acts.
async fn stopped(scenario: &Scenario, row: Row) -> Vec<WorkerProcess> {
    scenario.services.inject(row.read(), CallFault::Delay(READ_DELAY), 1);
    let paused = scenario.worker().await;
    scenario.services.wait_for_calls(row.read(), 1).await;
    paused.pause().await;
    let other = scenario.worker().await;
    scenario.db.wait_until_job_succeeds().await;
    paused.resume().await;
    paused.wait_for_attempt_log(row.step().as_str(), 1).await;
    scenario.wait_for_pending_calls(row.endpoint()).await;
    vec![paused, other]
}

/// All connections to Tenantry's database break while the step's success is written.
pub(crate) async fn backend_killed(scenario: &Scenario, row: Row) -> Vec<WorkerProcess> {
    scenario.db.close_gate(&format!("succeeded {}", row.position())).await;
    let worker = scenario.worker().await;
    scenario.db.wait_for_worker_at_gate().await;
    scenario.db.terminate_worker_backends().await;
    scenario.db.open_gates().await;
    scenario.db.wait_until_job_succeeds().await;
    vec![worker]
}
