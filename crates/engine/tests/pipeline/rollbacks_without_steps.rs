//! An operator rolls back requests whose steps have not begun, also while a worker claims the job or another
//! rollback runs.

use domain::{ErrorCode, RequestStatus, StepState, rollback::RollbackConfirmation};
use engine::{pipeline, provisioning};
use test_support::{pipeline_fixture::PipelineFixture, requests::assert_error};
use uuid::Uuid;

const ROUNDS: usize = 20;

/// Rolls a request back as an operator does. `include_active` also allows tenants that have been active.
async fn roll_back(
    fixture: &PipelineFixture,
    request: Uuid,
    include_active: bool,
) -> Result<(), engine::Error> {
    provisioning::rollback(&fixture.engine, request, None, "a test", include_active).await
}

#[tokio::test]
async fn a_rollback_ends_the_job_that_has_not_begun() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision("golden-spoon").await.request_id;
    roll_back(&fixture, request, false).await.unwrap();
    let claimed = fixture.db.text("SELECT coalesce(claim_job('w', '30 s')::text, 'nothing')").await;
    assert_eq!(claimed, "nothing");
    assert_eq!(fixture.db.text("SELECT state FROM jobs").await, "compensated");
    let steps = fixture.detail(request).await.steps;
    assert!(steps.iter().all(|step| step.state == StepState::Compensated));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_suspended_tenant_is_rolled_back_only_if_active_tenants_are_included() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision("golden-spoon").await.request_id;
    let suspended = "UPDATE tenants SET status = 'active';
        UPDATE tenants SET status = 'suspended', suspension_reason = 'a test'";
    fixture.db.run(suspended).await;
    assert_error(roll_back(&fixture, request, false).await, ErrorCode::InvalidTransition);
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants").await, 1);
    roll_back(&fixture, request, true).await.unwrap();
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants").await, 0);
}

#[tokio::test]
async fn either_a_worker_claims_a_job_or_a_rollback_ends_it() {
    let fixture = PipelineFixture::new().await;
    for round in 0..ROUNDS {
        let request = fixture.provision(&format!("tenant-{round}")).await.request_id;
        let claim = fixture
            .db
            .text("SELECT coalesce(claim_job('w', '1 hour') #>> '{job,context,tenant,id}', 'nothing')");
        let (claimed, rolled_back) = tokio::join!(claim, roll_back(&fixture, request, false));
        match rolled_back {
            Ok(()) => assert_eq!(claimed, "nothing"),
            Err(error) => {
                assert_error::<()>(Err(error), ErrorCode::InvalidTransition);
                assert!(claimed.parse::<Uuid>().is_ok(), "a claim without a tenant: {claimed}");
            }
        }
        fixture.db.assert_invariants().await;
    }
}

#[tokio::test]
async fn one_of_two_concurrent_rollbacks_of_different_kinds_succeeds() {
    let fixture = PipelineFixture::new().await;
    for round in 0..ROUNDS {
        let request = fixture.provision(&format!("tenant-{round}")).await.request_id;
        let confirmation = RollbackConfirmation::parse(&format!("tenant-{round}"), "a test").unwrap();
        let of_job = pipeline::rollback(&fixture.engine, &fixture.admin, request, &confirmation);
        let (of_job, of_request) = tokio::join!(of_job, roll_back(&fixture, request, false));
        assert!(of_job.is_ok() != of_request.is_ok(), "{of_job:?}, {of_request:?}");
        assert_error(of_job.and(of_request), ErrorCode::InvalidTransition);
        assert_eq!(fixture.detail(request).await.summary.status, RequestStatus::RolledBack);
        fixture.db.assert_invariants().await;
    }
}
