//! The retention of jobs and of the attempts of their steps.

use std::time::Duration;

use domain::{ErrorCode, StepState, jobs::StepFailure, pipeline::Step};
use engine::{
    access::Actor,
    pipeline::{
        MaintenanceTimeouts, RetentionReport, preview_maintenance, rollback, run_complete_maintenance,
    },
    tenants::{resume_tenant, suspend_tenant},
};

use test_support::{fake_external_system::Fault, pipeline_fixture::PipelineFixture, requests::confirm};

const TIMEOUTS: MaintenanceTimeouts = MaintenanceTimeouts {
    stuck: Duration::from_secs(600),
    unattended: None,
    retention: Some(Duration::from_secs(30 * 86_400)),
};

async fn apply_retention(fixture: &PipelineFixture) -> RetentionReport {
    run_complete_maintenance(&fixture.engine, TIMEOUTS).await.unwrap().retention
}

const AGE_BY_31_DAYS: &str = "UPDATE jobs SET finished_at = finished_at - interval '31 days';
    UPDATE provisioning_requests SET finished_at = finished_at - interval '31 days'";
const COUNT_STEP_ATTEMPTS: &str = "SELECT count(*) FROM step_attempts";

#[tokio::test]
async fn the_job_of_an_existing_tenant_loses_only_the_attempts_of_its_steps() {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
    assert_eq!(apply_retention(&fixture).await, RetentionReport::default());
    assert_eq!(fixture.db.number(COUNT_STEP_ATTEMPTS).await, 7);

    fixture.db.run(AGE_BY_31_DAYS).await;
    let expected = RetentionReport { cleaned_jobs: 1, ..RetentionReport::default() };
    assert_eq!(apply_retention(&fixture).await, expected);
    assert_eq!(apply_retention(&fixture).await, RetentionReport::default());
    assert_eq!(fixture.db.number(COUNT_STEP_ATTEMPTS).await, 0);
    let detail = fixture.detail(provisioned.request_id).await;
    assert_eq!(detail.outcome, Some(provisioned.replayed()));
    assert_eq!(detail.steps.len(), 7);
    assert!(detail.steps.iter().all(|step| step.state == StepState::Succeeded && step.attempts.is_empty()));
    assert!(detail.steps.iter().all(|step| step.attempt_count == 1));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn the_job_of_a_rolled_back_tenant_is_deleted_and_a_dead_job_stays() {
    let fixture = PipelineFixture::new().await;
    let rolled_back = fixture.provision_until_dead(Step::CopyDatabase).await;
    rollback(&fixture.engine, &fixture.admin, rolled_back, &confirm("a mistake")).await.unwrap();
    let dead = fixture.provision_until_dead(Step::CopyDatabase).await;
    fixture.db.run(AGE_BY_31_DAYS).await;
    let expected = RetentionReport { redacted_requests: 1, ..RetentionReport::default() };
    assert_eq!(apply_retention(&fixture).await, expected);
    let detail = fixture.detail(rolled_back).await;
    assert!(detail.steps.is_empty() && detail.summary.redacted_at.is_some());
    let detail = fixture.detail(dead).await;
    assert_eq!(detail.steps[0].attempts[0].code, Some(ErrorCode::ConnectorFailed));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_finished_job_with_neither_a_tenant_nor_a_request_is_deleted() {
    let fixture = PipelineFixture::new().await;
    fixture.enqueue_job_with_unknown_step().await;
    fixture.enqueue_job_with_unknown_step().await;
    fixture
        .db
        .run(
            "UPDATE job_steps SET state = 'succeeded' WHERE job_id = (SELECT id FROM jobs LIMIT 1);
             UPDATE jobs SET state = 'succeeded', finished_at = now()
             WHERE id IN (SELECT job_id FROM job_steps WHERE state = 'succeeded')",
        )
        .await;
    fixture.db.run(AGE_BY_31_DAYS).await;
    let expected = RetentionReport { cleaned_jobs: 1, ..RetentionReport::default() };
    assert_eq!(apply_retention(&fixture).await, expected);
    assert_eq!(fixture.db.number("SELECT count(*) FROM jobs WHERE state = 'pending'").await, 1);
    assert_eq!(fixture.db.number("SELECT count(*) FROM jobs").await, 1);
}

#[tokio::test]
async fn a_superseded_job_loses_the_attempts_of_its_steps() {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision("golden-spoon").await;
    let refusal = Fault::Fail(StepFailure::permanent("the fake system responded with 400"));
    fixture.external.inject_on_status_change(Step::CopyDatabase, [refusal]);
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    let by = &Actor::from(fixture.admin.clone());
    suspend_tenant(&fixture.engine, by, "golden-spoon", "unpaid").await.unwrap();
    fixture.db.wait_until("SELECT state = 'dead' FROM jobs WHERE kind = 'suspend'").await;
    worker.stop().await;
    resume_tenant(&fixture.engine, by, "golden-spoon").await.unwrap();
    fixture.db.run(AGE_BY_31_DAYS).await;

    // The job that created the tenant, and the superseded one. The job of the resume is not finished.
    let expected = RetentionReport { cleaned_jobs: 2, ..RetentionReport::default() };
    assert_eq!(preview_maintenance(&fixture.engine, TIMEOUTS).await.unwrap().retention, expected);
    assert_eq!(apply_retention(&fixture).await, expected);
    assert_eq!(apply_retention(&fixture).await, RetentionReport::default());
    assert_eq!(fixture.db.number(COUNT_STEP_ATTEMPTS).await, 0);
    assert_eq!(fixture.db.text("SELECT state FROM jobs WHERE kind = 'suspend'").await, "skipped");
    fixture.db.assert_invariants().await;
}
