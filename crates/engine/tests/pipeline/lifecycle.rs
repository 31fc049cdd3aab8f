//! The jobs of tenants that are suspended or deleted, or that get an owner.

use std::time::Duration;

use domain::{
    ErrorCode, StepState, TenantStatus, idempotency_key::IdempotencyKey, outcome::Provisioned, pipeline::Step,
};
use engine::{
    access::{Actor, parse_email},
    pipeline::{DeadStepAction, apply_dead_step_action},
    provisioning::{ProvisionRequest, provision},
    tenants::{
        NewOwner, delete_tenant, restore_tenant, resume_tenant, set_owner, suspend_tenant, update_tenant,
    },
};
use serde_json::json;
use test_support::{
    fake_external_system::Fault,
    pipeline_fixture::PipelineFixture,
    requests::{assert_created, assert_error},
    test_database::ORIGIN,
    wait::wait_for,
};
use uuid::Uuid;

pub(crate) const SLUG: &str = "golden-spoon";

pub(crate) async fn provision_without_owner(fixture: &PipelineFixture) -> Provisioned {
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let request = ProvisionRequest::from_json(key, &json!({ "slug": SLUG, "name": "Golden Spoon" }));
    assert_created(provision(&fixture.engine, &fixture.admin, request, ORIGIN).await)
}

pub(crate) async fn name_owner(fixture: &PipelineFixture) -> TenantStatus {
    let owner = NewOwner {
        name: "Olive Owner".into(),
        email: parse_email("olive@example.com").unwrap(),
        use_existing_account: false,
    };
    let named = set_owner(&fixture.engine, &actor(fixture), SLUG, &owner, ORIGIN).await;
    named.unwrap().tenant.status
}

fn actor(fixture: &PipelineFixture) -> Actor {
    fixture.admin.clone().into()
}

async fn job_state(fixture: &PipelineFixture) -> String {
    fixture.db.text("SELECT state FROM jobs WHERE creates_tenant").await
}

/// Whether a worker would get a job now.
async fn is_claimable(fixture: &PipelineFixture) -> bool {
    fixture.db.number("SELECT (claim_job('w', '30 s') IS NOT NULL)::int::bigint").await == 1
}

#[tokio::test]
async fn an_owner_releases_the_steps_and_the_last_one_activates_the_tenant() {
    let fixture = PipelineFixture::new().await;
    let waiting = provision_without_owner(&fixture).await;
    assert_eq!(name_owner(&fixture).await, TenantStatus::PendingActivation);
    assert!(!fixture.detail(waiting.request_id).await.awaits_owner);
    let worker = fixture.worker();
    fixture.wait_for_job(waiting.request_id, StepState::Succeeded).await;
    worker.stop().await;
    let detail = fixture.detail(waiting.request_id).await;
    assert_eq!(detail.tenant_status, Some(TenantStatus::Active));
    let actions: Vec<_> = detail.audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["tenant.provisioned", "tenant.owner_named", "tenant.activated"]);
    assert_eq!(fixture.external.effects(), 6);
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn the_owner_of_running_steps_cannot_change_but_the_request_can_be_rolled_back() {
    let fixture = PipelineFixture::new().await;
    let waiting = provision_without_owner(&fixture).await;
    name_owner(&fixture).await;
    let other = NewOwner {
        name: "Nova".into(),
        email: parse_email("nova@example.com").unwrap(),
        use_existing_account: false,
    };
    let refused = set_owner(&fixture.engine, &actor(&fixture), SLUG, &other, ORIGIN).await;
    assert_error(refused, ErrorCode::InvalidTransition);
    let confirmation = test_support::requests::confirm("a mistake");
    engine::pipeline::rollback(&fixture.engine, &fixture.admin, waiting.request_id, &confirmation)
        .await
        .unwrap();
    assert_eq!(fixture.db.number("SELECT count(*) FROM users").await, 0);
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_running_step_of_a_suspended_tenant_stops_and_continues_after_a_resume() {
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::UpsertBridgeMetadata, [Fault::Hang]);
    let request_id = fixture.provision(SLUG).await.request_id;
    let lease = Duration::from_millis(900);
    let worker = fixture.worker_with_lease(lease);
    wait_for("the step to act", || fixture.external.acts(Step::UpsertBridgeMetadata) > 0).await;
    // As if the last step had activated the tenant.
    fixture.db.run("UPDATE tenants SET status = 'active'").await;
    suspend_tenant(&fixture.engine, &actor(&fixture), SLUG, "unpaid").await.unwrap();
    assert_eq!(job_state(&fixture).await, "blocked");
    let step = fixture.detail(request_id).await.steps[5].clone();
    assert_eq!((step.state, step.attempts[0].outcome.as_deref()), (StepState::Retrying, Some("released")));
    assert_eq!(step.attempts[0].message.as_deref(), Some("The tenant was suspended."));
    // The write of the worker that lost the step has no effect.
    let late = "SELECT finish_step(id, 6, 1, 'late', 'w', '30 s')->>'current' FROM jobs WHERE creates_tenant";
    assert_eq!(fixture.db.text(late).await, "false");
    assert!(!is_claimable(&fixture).await);
    fixture.db.assert_invariants().await;

    resume_tenant(&fixture.engine, &actor(&fixture), SLUG).await.unwrap();
    // Until the lease of the worker has ended, nobody repeats its step.
    assert!(!is_claimable(&fixture).await);
    assert_eq!(fixture.external.acts(Step::UpsertBridgeMetadata), 1);
    fixture
        .db
        .wait_until("SELECT due_at < now() + interval '6 seconds' FROM jobs WHERE creates_tenant")
        .await;
    fixture.wait_for_job_with_immediate_retries(request_id, StepState::Succeeded).await;
    worker.stop().await;
    assert_eq!((fixture.external.effects(), fixture.external.has_duplicate_effects()), (6, false));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn the_steps_of_a_deleted_tenant_wait_and_continue_after_a_restore() {
    let fixture = PipelineFixture::new().await;
    let waiting = provision_without_owner(&fixture).await;
    name_owner(&fixture).await;
    delete_tenant(&fixture.engine, &actor(&fixture), SLUG, SLUG).await.unwrap();
    assert_eq!(job_state(&fixture).await, "blocked");
    assert!(!is_claimable(&fixture).await);
    fixture.db.assert_invariants().await;
    let restored = restore_tenant(&fixture.engine, &actor(&fixture), SLUG).await.unwrap();
    assert_eq!(
        (restored.status, job_state(&fixture).await.as_str()),
        (TenantStatus::PendingActivation, "pending")
    );
    let worker = fixture.worker();
    fixture.wait_for_job(waiting.request_id, StepState::Succeeded).await;
    worker.stop().await;
}

#[tokio::test]
async fn the_steps_of_a_restored_tenant_without_an_owner_still_wait_for_one() {
    let fixture = PipelineFixture::new().await;
    provision_without_owner(&fixture).await;
    delete_tenant(&fixture.engine, &actor(&fixture), SLUG, SLUG).await.unwrap();
    restore_tenant(&fixture.engine, &actor(&fixture), SLUG).await.unwrap();
    assert_eq!(job_state(&fixture).await, "blocked");
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_tenant_that_is_being_provisioned_is_neither_deleted_nor_suspended_nor_changed() {
    let fixture = PipelineFixture::new().await;
    fixture.provision(SLUG).await;
    let (engine, by) = (&fixture.engine, &actor(&fixture));
    let code = ErrorCode::InvalidTransition;
    assert_error(delete_tenant(engine, by, SLUG, SLUG).await, code);
    assert_error(suspend_tenant(engine, by, SLUG, "unpaid").await, code);
    let changes = domain::lifecycle::TenantChanges::from_json(&json!({ "plan": "lite" })).unwrap();
    assert_error(update_tenant(engine, by, SLUG, &engine::tenants::Precondition::Any, &changes).await, code);
    assert_eq!(job_state(&fixture).await, "pending");
}

#[tokio::test]
async fn the_dead_step_of_a_deleted_tenant_is_not_retried() {
    let fixture = PipelineFixture::new().await;
    let waiting = provision_without_owner(&fixture).await;
    name_owner(&fixture).await;
    let failure = domain::jobs::StepFailure::permanent("the copy service returned 400");
    fixture.external.inject(Step::CopyDatabase, [Fault::Fail(failure)]);
    let worker = fixture.worker();
    fixture.wait_for_job(waiting.request_id, StepState::Dead).await;
    worker.stop().await;
    delete_tenant(&fixture.engine, &actor(&fixture), SLUG, SLUG).await.unwrap();
    let retry = DeadStepAction::Retry;
    let refused = apply_dead_step_action(&fixture.engine, &fixture.admin, waiting.request_id, retry).await;
    assert_error(refused, ErrorCode::InvalidTransition);
    restore_tenant(&fixture.engine, &actor(&fixture), SLUG).await.unwrap();
    apply_dead_step_action(&fixture.engine, &fixture.admin, waiting.request_id, retry).await.unwrap();
    fixture.db.assert_invariants().await;
}
