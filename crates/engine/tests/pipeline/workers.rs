use std::time::{Duration, Instant};

use domain::{
    ErrorCode, StepState, TenantStatus,
    jobs::{FailureKind, StepFailure},
    pipeline::Step,
};
use engine::pipeline::{DeadStepAction, apply_dead_step_action};
use rand::RngExt;
use sqlx::postgres::PgListener;
use test_support::{
    fake_external_system::Fault,
    pipeline_fixture::PipelineFixture,
    wait::{wait_for_future, wait_for_value},
};

#[tokio::test]
async fn a_job_runs_its_steps_in_order_and_activates_its_tenant() {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision("golden-spoon").await;
    assert_eq!(provisioned.tenant.status, TenantStatus::Provisioning);
    assert_eq!(provisioned.pipeline.state, StepState::Pending);
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    let detail = fixture.detail(provisioned.request_id).await;
    assert_eq!(detail.steps.len(), 7);
    for (step, expected) in detail.steps.iter().zip(Step::ALL) {
        assert_eq!(
            (step.name.as_str(), step.state, step.attempt_count),
            (expected.as_str(), StepState::Succeeded, 1)
        );
        assert_eq!(step.attempts[0].outcome.as_deref(), Some("succeeded"));
        assert!(step.reference.is_some());
    }
    assert_eq!(fixture.external.effects(), 6);
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants WHERE status = 'active'").await, 1);
    assert!(detail.audit.iter().any(|entry| entry.action == "tenant.activated"));
    worker.stop().await;
    assert_eq!(fixture.db.number("SELECT count(*) FROM workers").await, 0);
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_started_step_a_released_step_and_the_end_of_a_job_notify_other_processes() {
    let fixture = PipelineFixture::new().await;
    let mut listener = PgListener::connect_with(&fixture.db.pool).await.unwrap();
    listener.listen("tenantry_changes").await.unwrap();
    fixture.external.inject(Step::CopyDatabase, [Fault::Hang]);
    let request_id = fixture.provision("golden-spoon").await.request_id;
    let mut next_change = async || {
        let notification = wait_for_future("a notification", listener.recv()).await.unwrap();
        assert_eq!(notification.payload(), request_id.to_string());
        fixture.detail(request_id).await.steps
    };

    let worker = fixture.worker();
    assert_eq!(next_change().await[0].state, StepState::Running);
    worker.stop().await;
    assert_eq!(next_change().await[0].state, StepState::Retrying);
    let worker = fixture.worker();
    // One notification can announce several steps that started within milliseconds.
    while next_change().await.iter().any(|step| step.state != StepState::Succeeded) {}
    worker.stop().await;
}

#[tokio::test]
async fn a_new_job_wakes_the_workers_only_after_its_commit() {
    let fixture = PipelineFixture::new().await;
    let mut listener = PgListener::connect_with(&fixture.db.pool).await.unwrap();
    listener.listen("tenantry_jobs").await.unwrap();
    fixture
        .db
        .run(
            r#"SELECT enqueue_job('greeting', NULL, NULL, false, '{}',
                 '[{"name": "SAY_HELLO", "connector": "greeter", "state": "pending"}]', now());
               NOTIFY tenantry_jobs, 'sent by the test'"#,
        )
        .await;
    let first = wait_for_future("a notification", listener.recv()).await.unwrap();
    assert_eq!(first.payload(), "sent by the test");

    fixture.provision("golden-spoon").await;
    let second = wait_for_future("a notification", listener.recv()).await.unwrap();
    assert_eq!(second.payload(), "");
}

#[tokio::test]
async fn a_transient_failure_is_retried_and_after_a_permanent_one_the_step_is_dead() {
    let fixture = PipelineFixture::new().await;
    fixture
        .external
        .inject(Step::UpsertTenant, [Fault::Fail(StepFailure::transient("Odoo responded with 503"))]);
    fixture
        .external
        .inject(Step::UpsertBridgeMetadata, [Fault::Fail(StepFailure::permanent("the bridge returned 400"))]);
    let provisioned = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Dead).await;
    let steps = fixture.detail(provisioned.request_id).await.steps;
    assert_eq!((steps[3].state, steps[3].attempt_count), (StepState::Succeeded, 2));
    assert_eq!(steps[3].attempts[1].code, Some(ErrorCode::ConnectorFailed));
    assert_eq!((steps[5].state, steps[5].attempt_count), (StepState::Dead, 1));
    assert_eq!(steps[5].attempts[0].message.as_deref(), Some("the bridge returned 400"));
    assert_eq!(steps[6].state, StepState::Pending);
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants WHERE status = 'provisioning'").await, 1);
    worker.stop().await;
    fixture.db.assert_invariants().await;
}

/// Makes the next failure of the running or retrying step happen this long after its first failure.
async fn set_failing_for(fixture: &PipelineFixture, minutes: u32) {
    let sql = format!(
        "UPDATE job_steps SET failing_since = now() - interval '{minutes} minutes' WHERE failing_since IS NOT NULL"
    );
    fixture.db.run(&sql).await;
}

#[tokio::test]
async fn a_step_is_retried_for_30_minutes_and_each_attempt_is_recorded() {
    let fixture = PipelineFixture::new().await;
    // Throttled calls do not open the breaker.
    let throttled = StepFailure {
        kind: FailureKind::Throttled { wait: Duration::ZERO },
        message: "the copy service responded with 503".into(),
    };
    fixture.external.inject(Step::CopyDatabase, vec![Fault::Fail(throttled); 20]);
    let provisioned = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    wait_for_value("ten attempts", async || {
        set_failing_for(&fixture, 29).await;
        fixture.make_due_now().await;
        (fixture.external.acts(Step::CopyDatabase) >= 10).then_some(())
    })
    .await;
    wait_for_value("a dead step", async || {
        set_failing_for(&fixture, 30).await;
        fixture.make_due_now().await;
        (fixture.db.number("SELECT count(*) FROM jobs WHERE state = 'dead'").await == 1).then_some(())
    })
    .await;
    worker.stop().await;
    let step = &fixture.detail(provisioned.request_id).await.steps[0];
    let acts = fixture.external.acts(Step::CopyDatabase);
    assert_eq!((step.state, step.attempt_count, step.attempts.len() as u32), (StepState::Dead, acts, acts));

    // A retry by an admin starts the period again.
    let retry = DeadStepAction::Retry;
    apply_dead_step_action(&fixture.engine, &fixture.admin, provisioned.request_id, retry).await.unwrap();
    let worker = fixture.worker();
    fixture.wait_for_job_with_immediate_retries(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_step_whose_worker_is_lost_five_times_in_a_row_is_dead() {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision("golden-spoon").await;
    for _ in 0..6 {
        fixture.db.run("SELECT claim_job('lost', '0 s')").await;
    }
    let step = &fixture.detail(provisioned.request_id).await.steps[0];
    assert_eq!((step.state, step.attempt_count), (StepState::Dead, 5));
    assert!(step.attempts.iter().all(|attempt| attempt.code == Some(ErrorCode::WorkerLost)));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn the_step_of_a_lost_worker_is_taken_over_before_a_backlog_of_later_jobs() {
    let fixture = PipelineFixture::new().await;
    let first = fixture.provision("golden-spoon").await;
    fixture.db.run("SELECT claim_job('lost', '0 s')").await;
    fixture.db.run("UPDATE jobs SET due_at = now() - interval '1 minute'").await;
    for number in 0..20 {
        fixture.provision(&format!("tenant-{number}")).await;
    }
    let claimed = fixture.db.text("SELECT claim_job('other', '30 s') #>> '{job,requestId}'").await;
    assert_eq!(claimed, first.request_id.to_string());
}

#[tokio::test]
async fn a_request_lists_the_latest_attempts_of_a_step() {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision("golden-spoon").await;
    fixture
        .db
        .run(
            "INSERT INTO step_attempts (job_id, position, number, worker, started_at, outcome)
             SELECT id, 1, number, 'w', now(), 'released' FROM jobs, generate_series(1, 1000) number;
             UPDATE job_steps SET attempt = 1000, state = 'retrying' WHERE position = 1",
        )
        .await;
    let step = &fixture.detail(provisioned.request_id).await.steps[0];
    let numbers: Vec<_> = step.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(step.attempt_count, 1000);
    assert_eq!(numbers, (951..=1000).rev().collect::<Vec<u32>>());
}

#[tokio::test]
async fn a_throttled_step_waits_for_the_time_in_retry_after() {
    let fixture = PipelineFixture::new().await;
    let wait = Duration::from_secs(600);
    let throttled =
        StepFailure { kind: FailureKind::Throttled { wait }, message: "the bridge returned 429".into() };
    fixture.external.inject(Step::UpsertBridgeMetadata, [Fault::Fail(throttled)]);
    let provisioned = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Retrying).await;
    let seconds = "SELECT extract(epoch FROM j.due_at - a.finished_at)::bigint
        FROM jobs j JOIN step_attempts a ON a.job_id = j.id AND a.outcome = 'failed'";
    assert_eq!(fixture.db.number(seconds).await, 600);
    fixture.make_due_now().await;
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_response_lost_after_the_effect_creates_no_second_effect() {
    let fixture = PipelineFixture::new().await;
    for step in &Step::ALL[..6] {
        fixture.external.inject(*step, [Fault::LoseResponse]);
    }
    let provisioned = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job_with_immediate_retries(provisioned.request_id, StepState::Succeeded).await;
    assert_eq!((fixture.external.effects(), fixture.external.has_duplicate_effects()), (6, false));
    assert!(Step::ALL[..6].iter().all(|step| fixture.external.acts(*step) == 1));
    worker.stop().await;
}

#[tokio::test]
async fn an_expired_lease_is_taken_over_and_the_superseded_worker_cannot_write() {
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::SignInToOdoo, [Fault::HangAfterActing]);
    let provisioned = fixture.provision("golden-spoon").await;
    let superseded = fixture.worker_with_lease(Duration::from_millis(600));
    fixture.external.wait_for_act(Step::SignInToOdoo).await;
    superseded.kill();
    let other = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    let step = &fixture.detail(provisioned.request_id).await.steps[1];
    let outcomes: Vec<_> = step.attempts.iter().map(|attempt| attempt.outcome.as_deref().unwrap()).collect();
    assert_eq!(outcomes, ["succeeded", "lost"]);
    assert!(!fixture.external.has_duplicate_effects());
    // The superseded worker reports an attempt that is no longer current.
    let late = fixture
        .db
        .text(
            "SELECT finish_step(id, 2, 1, 'late', 'lost', '30 s')->>'current' FROM jobs WHERE creates_tenant",
        )
        .await;
    assert_eq!(late, "false");
    other.stop().await;
}

#[tokio::test]
async fn a_stopped_worker_releases_its_step() {
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::CopyDatabase, [Fault::Hang]);
    let provisioned = fixture.provision("golden-spoon").await;
    let first = fixture.worker();
    fixture.external.wait_for_act(Step::CopyDatabase).await;
    first.stop().await;
    let step = &fixture.detail(provisioned.request_id).await.steps[0];
    assert_eq!(step.state, StepState::Retrying);
    assert_eq!(step.attempts[0].outcome.as_deref(), Some("released"));
    let second = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    second.stop().await;
}

#[tokio::test]
async fn two_hundred_jobs_finish_once_each_while_workers_are_killed_at_random() {
    let fixture = PipelineFixture::new().await;
    let mut requests = Vec::new();
    for number in 0..200 {
        requests.push(fixture.provision(&format!("tenant-{number}")).await.request_id);
    }
    // Two failures of each step are too few to open a breaker, even if two steps use the same breaker.
    for step in &Step::ALL[..6] {
        fixture.external.inject(*step, vec![Fault::LoseResponse; 2]);
    }
    // Long enough that no running worker loses its lease on a busy machine.
    let lease = Duration::from_secs(5);
    let mut workers: Vec<_> = (0..3).map(|_| fixture.worker_with_lease(lease)).collect();
    let done = "SELECT count(*) FROM jobs WHERE state = 'succeeded'";
    let deadline = Instant::now() + Duration::from_secs(300);
    for round in 0.. {
        let finished = fixture.db.number(done).await;
        if finished == 200 {
            break;
        }
        assert!(Instant::now() < deadline, "{finished} of 200 jobs have succeeded");
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(20..120))).await;
        if round < 40 {
            workers.remove(rand::rng().random_range(0..workers.len())).kill();
            workers.push(fixture.worker_with_lease(lease));
        }
        if round % 10 == 5 {
            // Database backends are terminated too. Their workers reconnect.
            fixture.db.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%_step(%' AND pid <> pg_backend_pid() LIMIT 2").await;
        }
        fixture.make_due_now().await;
    }
    assert_eq!((fixture.external.effects(), fixture.external.has_duplicate_effects()), (1200, false));
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants WHERE status = 'active'").await, 200);
    for worker in workers {
        worker.stop().await;
    }
    // A new engine, because the last round may have terminated idle connections of the fixture's engine.
    let engine = fixture.db.engine_at(fixture.db.options(), 1).await;
    assert_eq!(engine::integrity::verify(&engine).await.unwrap(), []);
}
