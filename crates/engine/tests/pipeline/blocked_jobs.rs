//! The job of a tenant without an owner waits for the owner.

use domain::{StepState, TenantStatus, idempotency_key::IdempotencyKey, outcome::Provisioned};
use engine::provisioning::{ProvisionRequest, provision};
use serde_json::json;
use test_support::{pipeline_fixture::PipelineFixture, requests::assert_created, test_database::ORIGIN};
use uuid::Uuid;

async fn provision_without_owner(fixture: &PipelineFixture) -> Provisioned {
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let request = ProvisionRequest::from_json(key, &json!({ "slug": "no-owner", "name": "No owner" }));
    assert_created(provision(&fixture.engine, &fixture.admin, request, ORIGIN).await)
}

#[tokio::test]
async fn no_worker_claims_the_job_of_a_tenant_without_an_owner() {
    let fixture = PipelineFixture::new().await;
    let waiting = provision_without_owner(&fixture).await;
    assert_eq!(waiting.tenant.status, TenantStatus::PendingActivation);
    assert_eq!(waiting.pipeline.state, StepState::Blocked);
    let other = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job(other.request_id, StepState::Succeeded).await;
    // The worker has nothing else to do.
    assert_eq!(fixture.db.number("SELECT (claim_job('w', '30 s') IS NULL)::int::bigint").await, 1);
    worker.stop().await;

    let detail = fixture.detail(waiting.request_id).await;
    assert!(detail.steps.iter().all(|step| step.state == StepState::Pending && step.attempt_count == 0));
    assert_eq!(detail.tenant_status, Some(TenantStatus::PendingActivation));
    assert_eq!(
        fixture.db.text("SELECT state FROM jobs WHERE due_at IS NOT NULL ORDER BY created_at LIMIT 1").await,
        "blocked"
    );
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn verify_reports_a_job_that_runs_without_an_owner() {
    let fixture = PipelineFixture::new().await;
    provision_without_owner(&fixture).await;
    fixture.db.run("UPDATE jobs SET state = 'pending'").await;
    let found = "SELECT string_agg(invariant, ',') FROM verify_integrity()";
    assert_eq!(fixture.db.text(found).await, "job of a tenant without an owner is blocked");
}
