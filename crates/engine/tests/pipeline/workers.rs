use std::time::Duration;

use domain::{
    ErrorCode, StepState, TenantStatus,
    jobs::{FailureKind, StepFailure},
    pipeline::Step,
};
use rand::RngExt;
use sqlx::postgres::PgListener;

use crate::{outside::Fate, plant::Plant};

#[tokio::test]
async fn a_job_takes_its_steps_in_order_and_then_its_tenant_is_active() {
    let plant = Plant::new().await;
    let made = plant.tenant("golden-spoon").await;
    assert_eq!(made.tenant.status, TenantStatus::Provisioning);
    assert_eq!(made.pipeline.state, StepState::Pending);
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    let detail = plant.detail(made.request_id).await;
    assert_eq!(detail.steps.len(), 7);
    for (step, known) in detail.steps.iter().zip(Step::ALL) {
        assert_eq!((step.name.as_str(), step.state, step.tries), (known.as_str(), StepState::Succeeded, 1));
        assert_eq!(step.attempts[0].outcome.as_deref(), Some("succeeded"));
        assert!(step.reference.is_some());
    }
    assert_eq!(plant.outside.effects(), 6);
    assert_eq!(plant.db.number("SELECT count(*) FROM tenants WHERE status = 'active'").await, 1);
    assert!(detail.audit.iter().any(|line| line.action == "tenant.activated"));
    worker.stop().await;
    assert_eq!(plant.db.number("SELECT count(*) FROM workers").await, 0);
    plant.db.assert_sound().await;
}

#[tokio::test]
async fn other_processes_are_told_of_each_step_that_begins_and_of_the_end() {
    let plant = Plant::new().await;
    let mut listener = PgListener::connect_with(&plant.db.pool).await.unwrap();
    listener.listen("tenantry_changes").await.unwrap();
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    for _ in 0..=Step::ALL.len() {
        let told = tokio::time::timeout(Duration::from_secs(20), listener.recv()).await.unwrap().unwrap();
        assert_eq!(told.payload(), made.request_id.to_string());
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again_and_one_that_stays_is_a_dead_letter() {
    let plant = Plant::new().await;
    plant.outside.order(Step::UpsertTenant, [Fate::Refuse(StepFailure::transient("h answered 503"))]);
    plant.outside.order(Step::UpsertBridgeMetadata, [Fate::Refuse(StepFailure::permanent("h answered 400"))]);
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Dead).await;
    let steps = plant.detail(made.request_id).await.steps;
    assert_eq!((steps[3].state, steps[3].tries), (StepState::Succeeded, 2));
    assert_eq!(steps[3].attempts[1].code, Some(ErrorCode::ConnectorFailed));
    assert_eq!((steps[5].state, steps[5].tries), (StepState::Dead, 1));
    assert_eq!(steps[5].attempts[0].message.as_deref(), Some("h answered 400"));
    assert_eq!(steps[6].state, StepState::Pending);
    assert_eq!(plant.db.number("SELECT count(*) FROM tenants WHERE status = 'provisioning'").await, 1);
    worker.stop().await;
    plant.db.assert_sound().await;
}

#[tokio::test]
async fn five_tries_are_all_and_each_is_on_record() {
    let plant = Plant::new().await;
    plant.outside.order(Step::CopyDatabase, vec![Fate::Refuse(StepFailure::timed_out("no answer")); 9]);
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    for _ in 0..400 {
        plant.hurry().await;
        plant.db.run("DELETE FROM breakers").await;
        if plant.detail(made.request_id).await.steps[0].state == StepState::Dead {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let step = &plant.detail(made.request_id).await.steps[0];
    assert_eq!((step.state, step.tries, step.attempts.len()), (StepState::Dead, 5, 5));
    assert!(step.attempts.iter().all(|attempt| attempt.code == Some(ErrorCode::ConnectorTimeout)));
    assert_eq!(plant.outside.acts(Step::CopyDatabase), 5);
    worker.stop().await;
}

#[tokio::test]
async fn a_throttled_step_waits_as_long_as_it_was_told() {
    let plant = Plant::new().await;
    let wait = Duration::from_secs(600);
    let throttled = StepFailure { kind: FailureKind::Throttled { wait }, message: "h answered 429".into() };
    plant.outside.order(Step::UpsertBridgeMetadata, [Fate::Refuse(throttled)]);
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Retrying).await;
    assert_eq!(
        plant.db.number("SELECT (due_at > now() + interval '590 seconds')::int::bigint FROM jobs").await,
        1
    );
    plant.hurry().await;
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    worker.stop().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_after_acting_makes_no_second_effect() {
    let plant = Plant::new().await;
    for step in &Step::ALL[..6] {
        plant.outside.order(*step, [Fate::LoseAnswer]);
    }
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    for _ in 0..6 {
        plant.hurry().await;
    }
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    assert_eq!((plant.outside.effects(), plant.outside.doubled()), (6, false));
    assert!(Step::ALL[..6].iter().all(|step| plant.outside.acts(*step) == 1));
    worker.stop().await;
}

#[tokio::test]
async fn a_lost_workers_step_is_taken_over_and_the_lost_one_writes_nothing() {
    let plant = Plant::new().await;
    plant.outside.order(Step::SignInToOdoo, [Fate::HangAfter]);
    let made = plant.tenant("golden-spoon").await;
    let lost = plant.worker_with_lease(Duration::from_millis(600));
    plant.outside.wait_for_act(Step::SignInToOdoo).await;
    lost.kill();
    let other = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    let step = &plant.detail(made.request_id).await.steps[1];
    let outcomes: Vec<_> = step.attempts.iter().map(|attempt| attempt.outcome.as_deref().unwrap()).collect();
    assert_eq!(outcomes, ["succeeded", "lost"]);
    assert!(!plant.outside.doubled());
    // What the lost one would still say names an attempt that is no longer the step's.
    let late =
        plant.db.text("SELECT finish_step(id, 2, 1, 'late', 'lost', '30 s')->>'current' FROM jobs").await;
    assert_eq!(late, "false");
    other.stop().await;
}

#[tokio::test]
async fn who_stops_gives_back_at_once_and_uses_up_no_try() {
    let plant = Plant::new().await;
    plant.outside.order(Step::CopyDatabase, [Fate::HangBefore]);
    let made = plant.tenant("golden-spoon").await;
    let first = plant.worker();
    plant.outside.wait_for_act(Step::CopyDatabase).await;
    first.stop().await;
    let step = &plant.detail(made.request_id).await.steps[0];
    assert_eq!((step.state, step.tries), (StepState::Retrying, 0));
    assert_eq!(step.attempts[0].outcome.as_deref(), Some("released"));
    let second = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    second.stop().await;
}

#[tokio::test]
async fn three_workers_that_are_killed_at_random_leave_two_hundred_jobs_done_once_each() {
    let plant = Plant::new().await;
    let mut requests = Vec::new();
    for number in 0..200 {
        requests.push(plant.tenant(&format!("tenant-{number}")).await.request_id);
    }
    // Too few in a row to open a breaker, also where two steps share one.
    for step in &Step::ALL[..6] {
        plant.outside.order(*step, vec![Fate::LoseAnswer; 2]);
    }
    // Long enough that nobody who lives loses one, also on a busy machine.
    let lease = Duration::from_secs(5);
    let mut workers: Vec<_> = (0..3).map(|_| plant.worker_with_lease(lease)).collect();
    let done = "SELECT count(*) FROM jobs WHERE state = 'succeeded'";
    for round in 0.. {
        assert!(round < 600, "{} of 200 are done", plant.db.number(done).await);
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(20..120))).await;
        if plant.db.number(done).await == 200 {
            break;
        }
        if round < 40 {
            workers.remove(rand::rng().random_range(0..workers.len())).kill();
            workers.push(plant.worker_with_lease(lease));
        }
        if round % 10 == 5 {
            // A database backend dies too; whoever used it finds another.
            plant.db.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%_step(%' AND pid <> pg_backend_pid() LIMIT 2").await;
        }
        plant.hurry().await;
    }
    assert_eq!((plant.outside.effects(), plant.outside.doubled()), (1200, false));
    assert_eq!(plant.db.number("SELECT count(*) FROM tenants WHERE status = 'active'").await, 200);
    for worker in workers {
        worker.stop().await;
    }
    plant.db.assert_sound().await;
}
