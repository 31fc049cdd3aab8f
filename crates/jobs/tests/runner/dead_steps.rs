use domain::{
    ErrorCode,
    jobs::{StepFailure, StepName},
};
use jobs::{Error, JobActor, dead_step};
use uuid::Uuid;

use crate::fixture::{Fixture, GOODBYE, HELLO};

/// The SQLSTATE of a refused operation.
fn refusal(result: Result<(), Error>) -> String {
    match result.unwrap_err() {
        Error::Database(error) => error.as_database_error().unwrap().code().unwrap().into_owned(),
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn after_a_permanent_failure_the_step_is_dead_and_a_retry_continues_the_job() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(GOODBYE).await;
    assert_eq!(fixture.step_states(job).await, "succeeded dead");
    let dead = dead_step::find_dead_step(&fixture.queue, job).await.unwrap();
    assert_eq!(dead, Some(StepName::from(GOODBYE)));

    let admin = fixture.db.admin().await.id;
    dead_step::retry(&fixture.queue, job, Some(JobActor { employee_id: admin, client_address: None }))
        .await
        .unwrap();
    fixture.run_until(job, "succeeded").await;
    assert_eq!(fixture.outcomes(job).await, "succeeded failed succeeded");
    let audit = "SELECT concat_ws(' ', actor_id, action, subject_kind, subject_id) FROM audit_log";
    assert_eq!(fixture.db.text(audit).await, format!("{admin} step.retried job {job}"));
}

#[tokio::test]
async fn a_skipped_step_has_no_effect_and_the_job_continues() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(HELLO).await;
    dead_step::skip(&fixture.queue, &fixture.steps, job, None, &HELLO.into()).await.unwrap();
    assert_eq!(fixture.greeter.discarded(), [HELLO]);
    fixture.run_until(job, "succeeded").await;
    assert_eq!(fixture.step_states(job).await, "skipped succeeded");
    assert_eq!(fixture.greeter.effects(), ["SAY_GOODBYE Ann"]);
}

#[tokio::test]
async fn a_step_whose_discard_fails_stays_dead() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(HELLO).await;
    fixture.greeter.inject_on_discard(StepFailure::transient("the greeter is busy"));
    let failed = dead_step::skip(&fixture.queue, &fixture.steps, job, None, &HELLO.into()).await;
    assert!(matches!(failed, Err(Error::Refused(ErrorCode::ConnectorFailed))), "{failed:?}");
    assert_eq!(fixture.state(job).await, "dead");
    dead_step::skip(&fixture.queue, &fixture.steps, job, None, &HELLO.into()).await.unwrap();
    assert_eq!(fixture.step_states(job).await, "skipped pending");
}

#[tokio::test]
async fn only_the_dead_step_of_a_dead_job_can_be_retried_or_skipped() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(HELLO).await;
    let queue = &fixture.queue;
    assert_eq!(refusal(dead_step::skip(queue, &fixture.steps, job, None, &GOODBYE.into()).await), "TN409");
    assert!(fixture.greeter.discarded().is_empty());
    assert_eq!(refusal(dead_step::retry(queue, Uuid::now_v7(), None).await), "TN404");
    dead_step::retry(queue, job, None).await.unwrap();
    assert_eq!(refusal(dead_step::retry(queue, job, None).await), "TN409");
}

#[tokio::test]
async fn an_unknown_action_is_refused() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(HELLO).await;
    for action in ["'redo'", "'SKIP'", "''", "NULL"] {
        let sql = format!("SELECT apply_dead_step_action('{job}', NULL, {action})");
        let error = fixture.db.try_run(&sql).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("22023"), "{action}");
    }
    assert_eq!(fixture.step_states(job).await, "dead pending");
}

#[tokio::test]
async fn a_step_that_no_worker_implements_becomes_dead() {
    let fixture = Fixture::new().await;
    let job = fixture.enqueue_steps("Ann", &["SING"]).await;
    fixture.run_until(job, "dead").await;
    let message = "SELECT message FROM step_attempts";
    assert_eq!(fixture.db.text(message).await, "greeter is not configured on this worker");
}
