//! The faults of steps that call a service over HTTP.

use std::time::Duration;

use test_support::fake_services::Fault as CallFault;

use crate::{
    scenario::Scenario,
    table::{Fault, Target},
    worker_process::WorkerProcess,
};

/// The `Retry-After` of a throttled call: long enough that a test observes the delay on a busy machine.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(600);
/// Longer than the restart of an ordinary service.
pub(crate) const SHORT_OUTAGE: Duration = Duration::from_secs(40);
/// Long enough that the circuit breaker opens several times.
pub(crate) const LONG_OUTAGE: Duration = Duration::from_secs(300);

/// Runs the job with a fault until it succeeds, and returns the running workers.
pub(crate) async fn run(scenario: &Scenario, target: Target, fault: Fault) -> Vec<WorkerProcess> {
    let inject = |fault| scenario.services.inject(target.effect_call(), fault, 1);
    match fault {
        Fault::Timeout => inject(CallFault::Hang),
        Fault::Status500 => inject(CallFault::Status(500)),
        Fault::ResponseLost => inject(CallFault::LoseResponse),
        Fault::ByteByByte => inject(CallFault::ByteByByte),
        Fault::DownFor40Seconds => return stop_service_for_40_seconds(scenario, target).await,
        Fault::DownFor5Minutes => return stop_service_for_5_minutes(scenario, target).await,
        Fault::Throttled => return throttle_call(scenario, target).await,
        Fault::Status400 => return refuse_permanently(scenario, target).await,
        Fault::Refused => return stop_service(scenario, target).await,
        Fault::KilledBefore => return kill_during_call(scenario, target, CallFault::Hang).await,
        Fault::KilledDuring => return kill_during_call(scenario, target, CallFault::Hold).await,
        Fault::KilledAfter => return kill_during_call(scenario, target, CallFault::HangAfterActing).await,
        Fault::WorkerPaused => return pause_worker(scenario, target).await,
        Fault::BackendKilled => return terminate_backends(scenario, target).await,
    }
    let worker = scenario.start_worker().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

async fn throttle_call(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    scenario.services.inject(target.effect_call(), CallFault::Throttle(RETRY_AFTER), 1);
    let worker = scenario.start_worker().await;
    scenario.wait_for_throttled_job().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Makes the service refuse the call with 400. The step is dead and has no effect until an admin retries it.
async fn refuse_permanently(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    scenario.services.inject(target.effect_call(), CallFault::Status(400), 1);
    let worker = scenario.start_worker().await;
    scenario.wait_for_dead_step(target).await;
    assert_eq!(scenario.services.effects(target.endpoint()), 0, "effects of a dead step");
    scenario.retry_dead_step().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Starts a worker, and stops the service before the step starts.
async fn start_worker_without_service(scenario: &Scenario, target: Target) -> WorkerProcess {
    scenario.db.close_gate(&format!("running {}", target.position())).await;
    let worker = scenario.start_worker().await;
    scenario.db.wait_for_worker_at_gate().await;
    scenario.services.stop().await;
    scenario.db.open_gates().await;
    worker
}

/// Nobody acts: the job succeeds at one of its own retries after the outage.
pub(crate) async fn stop_service_for_40_seconds(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    let worker = start_worker_without_service(scenario, target).await;
    tokio::time::sleep(SHORT_OUTAGE).await;
    scenario.services.restart().await;
    scenario.db.wait_for_job_to_succeed().await;
    vec![worker]
}

/// The waits of the job and of the circuit breaker are skipped, but count as time.
pub(crate) async fn stop_service_for_5_minutes(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    let worker = start_worker_without_service(scenario, target).await;
    scenario.db.skip_waits(LONG_OUTAGE).await;
    scenario.services.restart().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Stops the service until the step has failed once.
async fn stop_service(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    let worker = start_worker_without_service(scenario, target).await;
    scenario
        .db
        .wait_until("EXISTS (SELECT FROM step_attempts WHERE message LIKE '%cannot be reached%')")
        .await;
    scenario.services.restart().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}

/// Kills the worker during its call. `fault` decides whether the call has its effect: never, after
/// another worker has finished the job, or before the kill.
async fn kill_during_call(scenario: &Scenario, target: Target, fault: CallFault) -> Vec<WorkerProcess> {
    scenario.services.inject(target.effect_call(), fault, 1);
    let killed = scenario.start_worker().await;
    scenario.services.wait_for_calls(target.effect_call(), 1).await;
    killed.kill().await;
    let other = scenario.start_worker().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    if fault == CallFault::Hold {
        scenario.services.release();
        scenario.wait_for_pending_calls(target.effect_call()).await;
    }
    vec![other]
}

/// Pauses the worker while it waits for the response to its probe. After another worker has finished the
/// job, the paused worker resumes and acts.
async fn pause_worker(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    scenario.services.inject(target.paused_call(), CallFault::Hold, 1);
    let paused = scenario.start_worker().await;
    scenario.services.wait_for_calls(target.paused_call(), 1).await;
    paused.pause().await;
    let other = scenario.start_worker().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    scenario.services.release();
    paused.resume().await;
    paused.wait_for_attempt_log(target.step().as_str(), 1).await;
    scenario.wait_for_pending_calls(target.endpoint()).await;
    vec![paused, other]
}

/// Breaks all connections to Tenantry's database while the step's success is written.
pub(crate) async fn terminate_backends(scenario: &Scenario, target: Target) -> Vec<WorkerProcess> {
    scenario.db.close_gate(&format!("succeeded {}", target.position())).await;
    let worker = scenario.start_worker().await;
    scenario.db.wait_for_worker_at_gate().await;
    scenario.db.terminate_worker_backends().await;
    scenario.db.open_gates().await;
    scenario.db.skip_waits_until_job_succeeds().await;
    vec![worker]
}
