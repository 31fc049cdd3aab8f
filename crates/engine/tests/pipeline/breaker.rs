use domain::{
    StepState,
    jobs::{BreakerLimits, StepFailure},
    pipeline::{Connector, Step},
};
use test_support::{fake_external_system::Fault, pipeline_fixture::PipelineFixture, wait::wait_for_value};

#[tokio::test]
async fn an_open_breaker_releases_steps_until_one_step_tests_the_connector() {
    let fixture = PipelineFixture::new().await;
    let unreachable = Fault::Fail(StepFailure::transient("h cannot be reached"));
    fixture.external.inject(Step::UpsertBridgeMetadata, vec![unreachable; 5]);
    let mut requests = Vec::new();
    for number in 0..8 {
        requests.push(fixture.provision(&format!("tenant-{number}")).await.request_id);
    }
    // A single worker, so that no other step acts while a failure opens the breaker.
    let first = fixture.worker();
    let released_twice = "SELECT count(*) FROM job_steps s WHERE position = 6 AND 2 <= (
                              SELECT count(*) FROM step_attempts a
                              WHERE a.job_id = s.job_id AND a.position = 6 AND a.outcome = 'released')";
    // Whether every job waits for the end of the breaker's pause, so that no worker can claim a job before.
    let all_wait = "SELECT count(*) = 8 FROM jobs j JOIN job_steps s ON s.job_id = j.id AND s.position = 6
                    WHERE s.state = 'retrying' AND j.state = 'retrying'
                      AND j.due_at > now() + interval '50 minutes'";
    fixture
        .db
        .wait_until("SELECT count(*) = 5 FROM step_attempts WHERE position = 6 AND outcome = 'failed'")
        .await;
    assert_eq!(fixture.db.text("SELECT state FROM breakers WHERE connector = 'bridge'").await, "open");
    // SQL and the domain use the same threshold and pause.
    let numbers = "SELECT failures || ' ' || round(extract(epoch FROM until - changed_at)) FROM breakers";
    let expected = format!("{} {}", BreakerLimits::THRESHOLD, BreakerLimits::PAUSE.as_secs());
    assert_eq!(fixture.db.text(numbers).await, expected);
    // The breaker must not close while this test checks that it is open.
    fixture.db.run("UPDATE breakers SET until = now() + interval '1 hour'").await;
    let counted = "SELECT sum(counted_attempts)::bigint FROM job_steps WHERE position = 6";

    // While the breaker is open, each step that becomes due is released, and its attempt does not count.
    wait_for_value("all steps to be released twice", async || {
        fixture.make_due_now().await;
        (fixture.db.number(released_twice).await == 8).then_some(())
    })
    .await;
    fixture.db.wait_until(all_wait).await;
    assert_eq!((fixture.external.acts(Step::UpsertBridgeMetadata), fixture.db.number(counted).await), (5, 5));
    let workers = [first, fixture.worker()];

    // After the pause, one step tests the connector and succeeds. The other steps then run.
    fixture.db.run("UPDATE breakers SET until = now()").await;
    for request in requests {
        fixture.wait_for_job_with_immediate_retries(request, StepState::Succeeded).await;
    }
    assert_eq!(fixture.db.text("SELECT state FROM breakers").await, "closed");
    assert_eq!((fixture.external.effects(), fixture.external.has_duplicate_effects()), (48, false));
    for worker in workers {
        worker.stop().await;
    }
}

#[tokio::test]
async fn one_step_at_a_time_tests_the_connector_and_a_failed_test_opens_the_breaker_again() {
    let fixture = PipelineFixture::new().await;
    fixture
        .db
        .run("INSERT INTO breakers (connector, state, failures, until) VALUES ('bridge', 'open', 5, now())")
        .await;
    let wait = "SELECT coalesce(breaker_delay('bridge', '30 s')::text, 'go')";
    assert_eq!(fixture.db.text(wait).await, "go");
    assert_ne!(fixture.db.text(wait).await, "go", "a test is running");
    fixture.db.run("SELECT record_breaker_failure('bridge', true, 'still down')").await;
    assert_eq!(fixture.db.text("SELECT state FROM breakers").await, "open");
    assert_ne!(fixture.db.text(wait).await, "go");
    // A 4xx shows that the service is reachable.
    fixture.db.run("UPDATE breakers SET until = now()").await;
    assert_eq!(fixture.db.text(wait).await, "go");
    fixture.db.run("SELECT record_breaker_failure('bridge', false, 'h responded with 400')").await;
    assert_eq!(fixture.db.text("SELECT state FROM breakers").await, "closed");
}

#[tokio::test]
async fn sql_and_the_domain_name_the_same_connectors() {
    let fixture = PipelineFixture::new().await;
    fixture.provision("golden-spoon").await;
    for step in Step::ALL {
        let connector =
            fixture.db.text(&format!("SELECT connector FROM job_steps WHERE name = '{step}'")).await;
        assert_eq!(Connector::from_text(&connector), Some(step.connector()));
    }
}
