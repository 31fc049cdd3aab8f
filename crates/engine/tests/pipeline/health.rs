//! The health of the pipeline: dead letters and typical durations.

use domain::{StepState, jobs::StepName, pipeline::Step};
use engine::pipeline::{pipeline_health, typical_durations};
use test_support::pipeline_fixture::PipelineFixture;

#[tokio::test]
async fn dead_letters_include_jobs_without_a_tenant() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertTenant).await;
    fixture.enqueue_job_with_unknown_step().await;
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT state = 'dead' FROM jobs WHERE kind = 'greeting'").await;
    worker.stop().await;

    let health = pipeline_health(&fixture.engine).await.unwrap();
    assert_eq!(health.queue.dead, 2);
    let [greeting, provisioning] = &health.dead_letters[..] else { panic!("{:?}", health.dead_letters) };
    assert_eq!((greeting.kind.as_str(), greeting.request_id), ("greeting", None));
    assert_eq!((&greeting.tenant, &greeting.step), (&None, &StepName::from("SAY_HELLO")));
    assert_eq!(greeting.message.as_deref(), Some("greeter is not configured on this worker"));
    assert_eq!((provisioning.kind.as_str(), provisioning.request_id), ("provisioning", Some(request)));
    let tenant = provisioning.tenant.as_ref().unwrap();
    assert_eq!((tenant.name.as_str(), tenant.code.as_str()), ("The golden-spoon company", "TEN-00000001"));
    assert_eq!(provisioning.step, StepName::from(Step::UpsertTenant));
}

#[tokio::test]
async fn a_typical_duration_counts_the_successful_attempts_of_a_step() {
    let fixture = PipelineFixture::new().await;
    assert_eq!(typical_durations(&fixture.engine).await.unwrap(), []);
    let worker = fixture.worker();
    for slug in ["golden-spoon", "silver-spoon"] {
        let provisioned = fixture.provision(slug).await;
        fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    }
    worker.stop().await;
    fixture
        .db
        .run(
            "UPDATE step_attempts a SET finished_at = started_at + interval '1 second' * (
                 SELECT CASE WHEN r.slug = 'golden-spoon' THEN 1 ELSE 3 END
                 FROM jobs j JOIN provisioning_requests r ON r.id = j.request_id WHERE j.id = a.job_id)",
        )
        .await;
    let durations = typical_durations(&fixture.engine).await.unwrap();
    assert_eq!(durations.len(), Step::ALL.len());
    assert!(
        durations.iter().all(|typical| (typical.runs, typical.median_ms) == (2, 2_000.0)),
        "{durations:?}"
    );
}
