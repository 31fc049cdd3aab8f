use domain::{
    ErrorCode, StepState,
    jobs::{BreakerLimits, StepFailure},
    pipeline::{Connector, Step},
};
use engine::pipeline::{pipeline_health, test_connector_now};
use test_support::{
    fake_external_system::Fault, pipeline_fixture::PipelineFixture, running_worker::RunningWorker,
};

/// Opens the breaker of the bridge for an hour.
const OPEN: &str = "INSERT INTO breakers (connector, state, failures, next_test_at)
                    VALUES ('bridge', 'open', 5, now() + interval '1 hour')";
const END_PAUSE: &str = "UPDATE breakers SET next_test_at = now()";
const STATE: &str = "SELECT state FROM breakers WHERE connector = 'bridge'";
/// The number of jobs that wait for the bridge.
const WAITING: &str = "SELECT count(*) FROM jobs WHERE waiting_for = 'bridge'";
const BRIDGE_ATTEMPTS: &str = "SELECT count(*) FROM step_attempts WHERE position = 6";

/// Opens the breaker of the bridge, provisions tenants, and waits until their jobs wait for the bridge.
async fn provision_waiting(fixture: &PipelineFixture, count: usize) {
    fixture.db.run(OPEN).await;
    for number in 0..count {
        fixture.provision(&format!("tenant-{number}")).await;
    }
    let worker = fixture.worker();
    fixture.db.wait_until(&format!("SELECT ({WAITING}) = {count}")).await;
    worker.stop().await;
}

/// Starts a worker whose test of the bridge does not end, while other jobs wait for the bridge.
async fn start_connector_test(fixture: &PipelineFixture, jobs: usize) -> RunningWorker {
    fixture.external.inject(Step::UpsertBridgeMetadata, [Fault::Hang]);
    provision_waiting(fixture, jobs).await;
    fixture.db.run(END_PAUSE).await;
    let testing = fixture.worker();
    fixture.external.wait_for_act(Step::UpsertBridgeMetadata).await;
    testing
}

#[tokio::test]
async fn the_fifth_failure_since_the_last_success_opens_the_breaker() {
    let fixture = PipelineFixture::new().await;
    let unreachable = Fault::Fail(StepFailure::transient("the bridge cannot be reached"));
    fixture.external.inject(Step::UpsertBridgeMetadata, vec![unreachable; 5]);
    for number in 0..5 {
        fixture.provision(&format!("tenant-{number}")).await;
    }
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT count(*) = 1 FROM breakers WHERE state = 'open'").await;
    worker.stop().await;
    // SQL and the domain use the same threshold and pause.
    let numbers =
        "SELECT failures || ' ' || round(extract(epoch FROM next_test_at - changed_at)) FROM breakers";
    let expected = format!("{} {}", BreakerLimits::THRESHOLD, BreakerLimits::PAUSE.as_secs());
    assert_eq!(fixture.db.text(numbers).await, expected);
}

#[tokio::test]
async fn while_a_breaker_is_open_jobs_wait_without_attempts() {
    let fixture = PipelineFixture::new().await;
    provision_waiting(&fixture, 8).await;
    let worker = fixture.worker();
    // The worker runs a job that is newer than the waiting jobs, so it has looked for jobs and skipped them.
    fixture.db.run("UPDATE jobs SET due_at = now() - interval '1 hour'").await;
    fixture.enqueue_job_with_unknown_step().await;
    fixture.db.wait_until("SELECT state = 'dead' FROM jobs WHERE kind = 'greeting'").await;
    assert_eq!((fixture.db.number(WAITING).await, fixture.db.number(BRIDGE_ATTEMPTS).await), (8, 0));
    let health = pipeline_health(&fixture.engine).await.unwrap();
    assert_eq!((health.queue.waiting_for_connector, health.queue.retrying), (8, 0));

    fixture.db.run(END_PAUSE).await;
    fixture.db.wait_until("SELECT count(*) = 8 FROM jobs WHERE state = 'succeeded'").await;
    worker.stop().await;
    assert_eq!(
        (fixture.db.text(STATE).await.as_str(), fixture.db.number(BRIDGE_ATTEMPTS).await),
        ("closed", 8)
    );
    assert_eq!((fixture.external.effects(), fixture.external.has_duplicate_effects()), (48, false));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_request_shows_that_its_step_waits_for_its_connector() {
    let fixture = PipelineFixture::new().await;
    provision_waiting(&fixture, 1).await;
    let request = fixture.db.text("SELECT request_id::text FROM jobs").await.parse().unwrap();
    let steps = fixture.detail(request).await.steps;
    let codes: Vec<_> = steps.iter().map(|step| step.wait_code).collect();
    assert_eq!(codes[..5], [None; 5]);
    assert_eq!(codes[5..], [Some(ErrorCode::CircuitOpen), None]);
    assert!(steps[5].state == StepState::Pending && steps[5].due_at.is_some());
}

#[tokio::test]
async fn one_step_at_a_time_tests_the_connector_and_a_failed_test_opens_the_breaker_again() {
    let fixture = PipelineFixture::new().await;
    let testing = start_connector_test(&fixture, 3).await;
    assert_eq!(fixture.db.text(STATE).await, "half_open");
    let claimed = "SELECT coalesce(claim_job('other', '30 s')::text, 'nothing')";
    assert_eq!(fixture.db.text(claimed).await, "nothing", "a test is running");
    testing.kill();

    let fail = "SELECT fail_step(test_job_id, 6, 1, 'CONNECTOR_FAILED', 'still down', '1 s', 'unavailable')
                FROM breakers";
    fixture.db.run(fail).await;
    assert_eq!(fixture.db.text(STATE).await, "open");
    assert_eq!(fixture.db.text(claimed).await, "nothing");
    // A 4xx shows that the service is reachable.
    fixture.db.run(END_PAUSE).await;
    assert_ne!(fixture.db.text(claimed).await, "nothing");
    let refuse = "SELECT fail_step(test_job_id, 6,
                      (SELECT attempt FROM job_steps s WHERE s.job_id = test_job_id AND position = 6),
                      'CONNECTOR_FAILED', 'the bridge responded with 400', NULL, 'responded') FROM breakers";
    fixture.db.run(refuse).await;
    assert_eq!(fixture.db.text(STATE).await, "closed");
}

#[tokio::test]
async fn a_worker_that_stops_during_a_test_leaves_the_test_to_another_job() {
    let fixture = PipelineFixture::new().await;
    let testing = start_connector_test(&fixture, 2).await;
    testing.stop().await;
    assert_eq!(fixture.db.text(STATE).await, "open");
    // An admin may test the connector immediately.
    let admin = fixture.admin.clone().into();
    test_connector_now(&fixture.engine, &admin, Connector::Bridge).await.unwrap();
    let audited = "SELECT concat_ws(' ', actor_id, actor_name, subject_kind, after ->> 'connector')
        FROM audit_log WHERE action = 'breaker.tested'";
    let expected =
        format!("{} {} connector {}", fixture.admin.id, fixture.admin.name, Connector::Bridge.as_str());
    assert_eq!(fixture.db.text(audited).await, expected);
    let other = fixture.worker();
    fixture.db.wait_until("SELECT count(*) = 2 FROM jobs WHERE state = 'succeeded'").await;
    other.stop().await;
    assert_eq!(fixture.db.text(STATE).await, "closed");
}

#[tokio::test]
async fn the_test_of_a_killed_worker_continues_when_its_lease_expires() {
    let fixture = PipelineFixture::new().await;
    let testing = start_connector_test(&fixture, 2).await;
    testing.kill();
    fixture.db.run("UPDATE jobs SET due_at = now() WHERE state = 'running'").await;
    let other = fixture.worker();
    fixture.db.wait_until("SELECT count(*) = 2 FROM jobs WHERE state = 'succeeded'").await;
    other.stop().await;
    assert_eq!(fixture.db.text(STATE).await, "closed");
    assert!(!fixture.external.has_duplicate_effects());
}

#[tokio::test]
async fn after_a_lost_attempt_a_job_waits_for_a_connector_whose_breaker_is_open() {
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::UpsertBridgeMetadata, [Fault::Hang]);
    let provisioned = fixture.provision("golden-spoon").await;
    let killed = fixture.worker();
    fixture.external.wait_for_act(Step::UpsertBridgeMetadata).await;
    killed.kill();
    fixture.db.run(OPEN).await;
    fixture.db.run("UPDATE jobs SET due_at = now()").await;
    fixture.db.run("SELECT claim_job('other', '30 s')").await;
    assert_eq!(fixture.db.number(WAITING).await, 1);
    let step = fixture.detail(provisioned.request_id).await.steps[5].clone();
    assert_eq!((step.state, step.attempts[0].code), (StepState::Retrying, Some(ErrorCode::WorkerLost)));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn each_stored_step_has_the_connector_of_the_domain() {
    let fixture = PipelineFixture::new().await;
    fixture.provision("golden-spoon").await;
    for step in Step::ALL {
        let connector =
            fixture.db.text(&format!("SELECT connector FROM job_steps WHERE name = '{step}'")).await;
        assert_eq!(Connector::from_text(&connector), Some(step.connector()));
    }
}
