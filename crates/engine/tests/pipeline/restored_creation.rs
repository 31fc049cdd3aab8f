//! A tenant that was deleted and restored before the job that creates it had ended. The restore and the
//! creation run at the same time, and every external system ends in the status of the tenant.

use std::time::Duration;

use domain::{
    StepState,
    TenantStatus::{Active, PendingActivation},
    pipeline::Step,
};
use engine::{
    access::Actor,
    tenants::{activate_tenant, delete_tenant, restore_tenant},
};
use test_support::{
    fake_external_system::Fault, pipeline_fixture::PipelineFixture, test_database::ORIGIN, wait::wait_for,
};
use uuid::Uuid;

use crate::lifecycle::{SLUG, name_owner, provision_without_owner};

const RESTORE: &str = "kind = 'restore'";
const CREATION: &str = "creates_tenant";

/// Runs a worker until no job is unfinished.
async fn finish_jobs(fixture: &PipelineFixture) {
    let worker = fixture.worker();
    fixture
        .db
        .wait_until("SELECT bool_and(state IN ('succeeded', 'skipped')) FROM jobs WHERE queue = 'pipeline'")
        .await;
    worker.stop().await;
}

/// Deletes and restores the tenant. The job of the deletion has succeeded.
async fn delete_and_restore(fixture: &PipelineFixture) {
    let by = Actor::from(fixture.admin.clone());
    delete_tenant(&fixture.engine, &by, SLUG, SLUG).await.unwrap();
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT state = 'succeeded' FROM jobs WHERE kind = 'delete'").await;
    worker.stop().await;
    restore_tenant(&fixture.engine, &by, SLUG).await.unwrap();
}

/// A restored tenant that waits for its last two steps. Returns the ID of its request.
async fn restored_tenant() -> (PipelineFixture, Uuid) {
    let fixture = PipelineFixture::new().await;
    let waiting = provision_without_owner(&fixture).await;
    name_owner(&fixture).await;
    fixture.external.inject(Step::UpsertBridgeMetadata, [Fault::LoseResponse]);
    let worker = fixture.worker();
    fixture.wait_for_job(waiting.request_id, StepState::Retrying).await;
    worker.stop().await;
    delete_and_restore(&fixture).await;
    (fixture, waiting.request_id)
}

/// Delays the unfinished jobs that match the condition.
async fn delay(fixture: &PipelineFixture, jobs: &str) {
    let sql =
        format!("UPDATE jobs SET due_at = now() + interval '1 hour' WHERE {jobs} AND finished_at IS NULL");
    fixture.db.run(&sql).await;
}

/// Makes the jobs that match the condition due now.
async fn release(fixture: &PipelineFixture, jobs: &str) {
    let sql = format!("UPDATE jobs SET due_at = now() WHERE {jobs} AND state IN ('pending', 'retrying')");
    fixture.db.run(&sql).await;
}

async fn assert_active(fixture: &PipelineFixture, request_id: Uuid) {
    assert_eq!(fixture.detail(request_id).await.tenant_status, Some(Active));
    assert_eq!(fixture.external.statuses(request_id), [Active; 3]);
    assert!(!fixture.external.has_duplicate_effects());
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_restore_that_ends_before_the_activation_leaves_the_status_active_everywhere() {
    let (fixture, request_id) = restored_tenant().await;
    delay(&fixture, CREATION).await;
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT state = 'succeeded' FROM jobs WHERE kind = 'restore'").await;
    worker.stop().await;
    assert_eq!(fixture.external.statuses(request_id), [PendingActivation; 3]);
    release(&fixture, CREATION).await;
    finish_jobs(&fixture).await;
    assert_active(&fixture, request_id).await;
}

#[tokio::test]
async fn a_restore_that_begins_after_the_activation_leaves_the_status_active_everywhere() {
    let (fixture, request_id) = restored_tenant().await;
    delay(&fixture, RESTORE).await;
    release(&fixture, CREATION).await;
    let worker = fixture.worker();
    fixture.wait_for_job(request_id, StepState::Succeeded).await;
    worker.stop().await;
    release(&fixture, RESTORE).await;
    finish_jobs(&fixture).await;
    assert_active(&fixture, request_id).await;
}

#[tokio::test]
async fn the_activation_supersedes_a_restore_whose_step_is_running() {
    let (fixture, request_id) = restored_tenant().await;
    delay(&fixture, CREATION).await;
    fixture.external.inject_on_status_change(Step::UpsertTenant, [Fault::HangAfterActing]);
    let earlier = fixture.external.status_changes(Step::UpsertTenant);
    let restoring = fixture.worker_with_lease(Duration::from_secs(30));
    wait_for("the restore to act", || fixture.external.status_changes(Step::UpsertTenant) > earlier).await;
    let creating = fixture.worker();
    release(&fixture, CREATION).await;
    fixture.make_due_now().await;
    fixture.wait_for_job_with_immediate_retries(request_id, StepState::Succeeded).await;
    creating.stop().await;
    restoring.kill();
    let jobs = "SELECT string_agg(state, ' ' ORDER BY created_at) FROM jobs WHERE kind = 'restore'";
    assert_eq!(fixture.db.text(jobs).await, "skipped pending");
    // The worker of the superseded restore may act until its lease has ended.
    let due = "SELECT (due_at > now())::int::bigint FROM jobs WHERE kind = 'restore' AND state = 'pending'";
    assert_eq!(fixture.db.number(due).await, 1);
    release(&fixture, RESTORE).await;
    finish_jobs(&fixture).await;
    assert_active(&fixture, request_id).await;
}

#[tokio::test]
async fn the_activation_by_an_admin_reaches_the_external_systems_of_a_restored_tenant() {
    let (fixture, request_id) = restored_tenant().await;
    // As if an admin had skipped the last step.
    let skipped = "UPDATE job_steps s SET state = CASE position WHEN 7 THEN 'skipped' ELSE 'succeeded' END
                   FROM jobs j WHERE j.id = s.job_id AND creates_tenant;
                   UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE creates_tenant";
    fixture.db.run(skipped).await;
    finish_jobs(&fixture).await;
    assert_eq!(fixture.external.statuses(request_id), [PendingActivation; 3]);
    let by = Actor::from(fixture.admin.clone());
    let activated = activate_tenant(&fixture.engine, &by, SLUG, ORIGIN).await.unwrap();
    assert_eq!(activated.status, Active);
    finish_jobs(&fixture).await;
    assert_active(&fixture, request_id).await;
}

#[tokio::test]
async fn the_activation_of_a_tenant_that_was_never_deleted_enqueues_no_job() {
    let fixture = PipelineFixture::new().await;
    let waiting = provision_without_owner(&fixture).await;
    name_owner(&fixture).await;
    let worker = fixture.worker();
    fixture.wait_for_job(waiting.request_id, StepState::Succeeded).await;
    worker.stop().await;
    assert_eq!(fixture.db.number("SELECT count(*) FROM jobs WHERE queue = 'pipeline'").await, 1);
}
