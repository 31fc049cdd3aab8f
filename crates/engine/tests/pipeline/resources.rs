//! What the steps created is kept for the tenant.

use std::time::Duration;

use connectors::PipelineSettings;
use domain::{StepState, pipeline::Blueprint};
use engine::provisioning::provision;
use test_support::{
    fake_services::FakeServices,
    pipeline_fixture::PipelineFixture,
    requests::{assert_created, draft, provision_request},
    running_worker::RunningWorker,
    test_database::ORIGIN,
};

const RESOURCES: &str = "SELECT string_agg(concat_ws(' ', kind, external_reference, url), E'\\n' ORDER BY kind) FROM tenant_resources";

#[tokio::test]
async fn each_finished_step_adds_its_resource_to_the_tenant() {
    let services = FakeServices::start().await;
    let fixture = PipelineFixture::new().await;
    let settings = PipelineSettings {
        copy: Some(services.copy_settings()),
        bridge: Some(services.bridge_settings()),
        blueprints: vec![Blueprint { template: Some("template_18".into()), ..Blueprint::standard() }],
        ..PipelineSettings::default()
    };
    let engine = fixture.db.engine.clone().with_pipeline(settings).unwrap();
    let request = provision_request(draft("golden-spoon"));
    let provisioned = assert_created(provision(&engine, &fixture.admin, request, ORIGIN).await);
    let worker =
        RunningWorker::start(engine.queue().clone(), engine.steps().clone(), Duration::from_secs(30));
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
    let url = services.url();
    assert_eq!(
        fixture.db.text(RESOURCES).await,
        format!("bridge_entry TEN-00000001 {url}tenants/TEN-00000001\ndatabase ten-00000001")
    );

    fixture.db.run("DELETE FROM jobs").await;
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenant_resources").await, 2);
}

#[tokio::test]
async fn a_job_without_a_tenant_keeps_no_resource() {
    let fixture = PipelineFixture::new().await;
    fixture.enqueue_job_with_unknown_step().await;
    fixture
        .db
        .run(
            r#"SELECT claim_job('w', '30 s');
        SELECT finish_step(id, 1, 1, 'r', 'w', '30 s', '{"kind": "database"}') FROM jobs"#,
        )
        .await;
    assert_eq!(fixture.db.text("SELECT state FROM jobs").await, "succeeded");
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenant_resources").await, 0);
}
