use std::time::Duration;

use domain::jobs::StepFailure;
use sqlx::Connection;
use test_support::wait::{wait_for, wait_for_value};

use crate::fixture::{Fault, Fixture, HELLO};

#[tokio::test]
async fn a_job_without_request_and_tenant_runs_with_its_parameters_as_context() {
    let fixture = Fixture::new().await;
    let job = fixture.enqueue("Ann").await;
    fixture.run_until(job, "succeeded").await;
    assert_eq!(fixture.greeter.effects(), ["SAY_HELLO Ann", "SAY_GOODBYE Ann"]);
    assert_eq!(fixture.step_states(job).await, "succeeded succeeded");
    let reference =
        format!("SELECT external_reference FROM job_steps WHERE job_id = '{job}' AND position = 1");
    assert_eq!(fixture.db.text(&reference).await, format!("SAY_HELLO of {job}"));
    assert_eq!(fixture.db.number("SELECT count(*) FROM workers").await, 0);
}

#[tokio::test]
async fn a_worker_runs_only_the_jobs_of_its_queue() {
    let fixture = Fixture::new().await;
    let other = fixture.enqueue("Ann").await;
    fixture.db.run(&format!("UPDATE jobs SET queue = 'other' WHERE id = '{other}'")).await;
    let job = fixture.enqueue("Bob").await;
    fixture.run_until(job, "succeeded").await;
    assert_eq!(fixture.greeter.effects(), ["SAY_HELLO Bob", "SAY_GOODBYE Bob"]);
    assert_eq!(fixture.step_states(other).await, "pending pending");
}

#[tokio::test]
async fn a_transient_failure_is_retried() {
    let fixture = Fixture::new().await;
    fixture.greeter.inject(HELLO, Fault::Fail(StepFailure::transient("the greeter is busy")));
    let job = fixture.enqueue("Ann").await;
    fixture.run_until(job, "succeeded").await;
    assert_eq!(fixture.outcomes(job).await, "failed succeeded succeeded");
    assert_eq!(fixture.greeter.effects(), ["SAY_HELLO Ann", "SAY_GOODBYE Ann"]);
}

#[tokio::test]
async fn the_step_of_a_killed_worker_is_taken_over_and_has_one_effect() {
    let fixture = Fixture::new().await;
    fixture.greeter.inject(HELLO, Fault::HangAfterActing);
    let job = fixture.enqueue("Ann").await;
    let killed = fixture.worker_with_lease(Duration::from_millis(500));
    wait_for("the effect of the first step", || !fixture.greeter.effects().is_empty()).await;
    killed.kill();
    fixture.run_until(job, "succeeded").await;
    assert_eq!(fixture.outcomes(job).await, "lost succeeded succeeded");
    assert_eq!(fixture.greeter.effects(), ["SAY_HELLO Ann", "SAY_GOODBYE Ann"]);
}

#[tokio::test]
async fn a_heartbeat_that_waits_for_a_takeover_does_not_extend_the_lease() {
    let fixture = Fixture::new().await;
    fixture.greeter.inject(HELLO, Fault::HangAfterActing);
    let job = fixture.enqueue("Ann").await;
    let killed = fixture.worker();
    wait_for("the effect of the first step", || !fixture.greeter.effects().is_empty()).await;
    killed.kill();

    // Like a takeover, locks the job and starts the next attempt of the step. Commits later.
    let mut takeover = sqlx::PgConnection::connect_with(&fixture.db.options()).await.unwrap();
    let lock_and_begin = format!(
        "BEGIN; SELECT FROM jobs WHERE id = '{job}' FOR UPDATE;
         UPDATE job_steps SET attempt = 2 WHERE job_id = '{job}' AND position = 1"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock_and_begin)).execute(&mut takeover).await.unwrap();
    let extend = format!("SELECT extend_lease('{job}', 1, 1, 'killed', '1 hour')::text");
    // Unlike the connections of the pool, this one has no lock timeout.
    let mut worker = sqlx::PgConnection::connect_with(&fixture.db.options()).await.unwrap();
    let heartbeat = async {
        sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(extend)).fetch_one(&mut worker).await.unwrap()
    };
    let commit = async {
        let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                         AND wait_event_type = 'Lock' AND query LIKE 'SELECT extend_lease%')";
        fixture.db.wait_until(waits).await;
        sqlx::raw_sql("COMMIT").execute(&mut takeover).await.unwrap();
    };
    let (is_current, ()) = tokio::join!(heartbeat, commit);
    assert_eq!(is_current, "false");
    let extended = "SELECT count(*) FROM jobs WHERE due_at > now() + interval '30 minutes'";
    assert_eq!(fixture.db.number(extended).await, 0);
}

#[tokio::test]
async fn a_shutdown_releases_the_step() {
    let fixture = Fixture::new().await;
    fixture.greeter.inject(HELLO, Fault::HangAfterActing);
    let job = fixture.enqueue("Ann").await;
    let worker = fixture.worker();
    wait_for("the effect of the first step", || !fixture.greeter.effects().is_empty()).await;
    worker.stop().await;
    assert_eq!(
        (fixture.state(job).await.as_str(), fixture.outcomes(job).await.as_str()),
        ("retrying", "released")
    );
    fixture.run_until(job, "succeeded").await;
}

#[tokio::test]
async fn the_circuit_breaker_of_a_connector_opens_after_five_failures() {
    let fixture = Fixture::new().await;
    for _ in 0..5 {
        fixture.greeter.inject(HELLO, Fault::Fail(StepFailure::transient("the greeter is down")));
    }
    let job = fixture.enqueue("Ann").await;
    let worker = fixture.worker();
    wait_for_value("an open breaker", async || {
        fixture.db.run("UPDATE jobs SET due_at = now() WHERE state = 'retrying'").await;
        (fixture.db.number("SELECT count(*) FROM breakers WHERE state = 'open'").await == 1).then_some(())
    })
    .await;
    worker.stop().await;
    assert_eq!(fixture.outcomes(job).await, "failed failed failed failed failed");
}
