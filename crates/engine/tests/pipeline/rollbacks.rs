use std::time::Duration;

use domain::{
    ErrorCode, RequestStatus, StepState, jobs::StepFailure, pipeline::Step, rollback::RollbackConfirmation,
};
use engine::{
    pipeline::{
        DeadStepAction, MaintenanceReport, MaintenanceTimeouts, apply_dead_step_action, rollback,
        run_maintenance,
    },
    provisioning::{check_slug, find_request},
};

use test_support::{
    fake_external_system::Fault,
    pipeline_fixture::PipelineFixture,
    requests::{assert_error, confirm},
    test_database::TestDatabase,
};

const HOUR: Duration = Duration::from_secs(3600);

/// Waits until no session holds an advisory lock in the database. The lock of a job is an advisory lock.
async fn wait_until_no_advisory_lock_is_held(db: &TestDatabase) {
    let no_lock_is_held = "SELECT NOT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    db.wait_until(no_lock_is_held).await;
}

#[tokio::test]
async fn a_rollback_after_any_dead_step_removes_the_tenant_and_all_effects() {
    for step in &Step::ALL[..6] {
        let fixture = PipelineFixture::new().await;
        let request = fixture.provision_until_dead(*step).await;
        rollback(&fixture.engine, &fixture.admin, request, &confirm("the customer went away")).await.unwrap();
        assert_eq!(fixture.external.effects(), 0, "{step}");
        let detail = find_request(&fixture.engine, request).await.unwrap();
        assert_eq!(detail.summary.status, RequestStatus::RolledBack);
        assert!(detail.steps.iter().all(|step| step.state == StepState::Compensated));
        assert_eq!(fixture.db.number("SELECT count(*) FROM tenants").await, 0);
        assert_eq!(fixture.db.number("SELECT count(*) FROM users").await, 0);
        let slug = domain::slug::Slug::parse("golden-spoon").unwrap();
        assert!(check_slug(&fixture.engine, &slug, None).await.unwrap().available);
        fixture.db.assert_invariants().await;
    }
}

#[tokio::test]
async fn a_rollback_needs_the_slug_of_the_tenant() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertBridgeMetadata).await;
    let other = RollbackConfirmation::parse("golden-spoon-2", "a typo").unwrap();
    let refused = rollback(&fixture.engine, &fixture.admin, request, &other).await;
    let problem = assert_error(refused, ErrorCode::ValidationError);
    assert_eq!((problem.errors[0].field.as_str(), problem.errors[0].rule.as_str()), ("slug", "mismatch"));
    assert!(fixture.detail(request).await.rollback.is_none());
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants").await, 1);

    rollback(&fixture.engine, &fixture.admin, request, &confirm("a typo")).await.unwrap();
    // The tenant is deleted, so the confirmation is compared with the slug of the request. With the right
    // slug, the call is refused because nothing is left to roll back.
    let refused = rollback(&fixture.engine, &fixture.admin, request, &other).await;
    assert_error(refused, ErrorCode::ValidationError);
    let again = rollback(&fixture.engine, &fixture.admin, request, &confirm("a typo")).await;
    assert_error(again, ErrorCode::InvalidTransition);
}

#[tokio::test]
async fn a_running_or_finished_job_cannot_be_rolled_back() {
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::CopyDatabase, [Fault::Hang]);
    let provisioned = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.external.wait_for_act(Step::CopyDatabase).await;
    let running = rollback(&fixture.engine, &fixture.admin, provisioned.request_id, &confirm("no")).await;
    assert_error(running, ErrorCode::InvalidTransition);
    worker.stop().await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    let finished = rollback(&fixture.engine, &fixture.admin, provisioned.request_id, &confirm("no")).await;
    assert_error(finished, ErrorCode::InvalidTransition);
    assert_eq!(fixture.external.effects(), 6);
    worker.stop().await;
}

#[tokio::test]
async fn a_job_whose_worker_died_can_be_rolled_back_once_its_lease_expires() {
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::SignInToOdoo, [Fault::Hang]);
    let request = fixture.provision("golden-spoon").await.request_id;
    let killed = fixture.worker();
    fixture.external.wait_for_act(Step::SignInToOdoo).await;
    killed.kill();
    let early = rollback(&fixture.engine, &fixture.admin, request, &confirm("no")).await;
    assert_error(early, ErrorCode::InvalidTransition);

    fixture.db.run("UPDATE jobs SET due_at = now() - interval '1 minute'").await;
    rollback(&fixture.engine, &fixture.admin, request, &confirm("the customer went away")).await.unwrap();
    assert_eq!(fixture.external.effects(), 0);
    let detail = fixture.detail(request).await;
    assert_eq!(detail.summary.status, RequestStatus::RolledBack);
    assert_eq!(detail.steps[1].attempts[0].code, Some(ErrorCode::WorkerLost));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_failed_rollback_can_only_be_resumed() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertBridgeMetadata).await;
    fixture.external.inject_on_compensation(
        Step::CopyDatabase,
        [Fault::Fail(StepFailure::permanent("the copy service responded with 400"))],
    );
    let result = rollback(&fixture.engine, &fixture.admin, request, &confirm("a typo")).await;
    assert_error(result, ErrorCode::ConnectorFailed);

    // Some effects were removed, so no step may continue.
    assert_eq!(fixture.external.effects(), 1);
    for action in [DeadStepAction::Retry, DeadStepAction::Skip] {
        let result = apply_dead_step_action(&fixture.engine, &fixture.admin, request, action).await;
        assert_error(result, ErrorCode::InvalidTransition);
    }
    let started = fixture.detail(request).await.rollback.unwrap();
    assert_eq!(started.reason, "a typo");
    assert_eq!(started.last_error.as_deref(), Some("Copy database: the copy service responded with 400"));

    assert_eq!(
        run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap(),
        MaintenanceReport::default()
    );
    fixture.db.run("UPDATE jobs SET due_at = now()").await;
    let report = run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(report.rolled_back, [request]);
    let detail = fixture.detail(request).await;
    assert_eq!(detail.summary.status, RequestStatus::RolledBack);
    assert_eq!(detail.rollback.unwrap().reason, "a typo");
    let last = detail.audit.last().unwrap();
    assert_eq!(
        (last.action.as_str(), last.actor.as_str()),
        ("tenant.rolled_back", fixture.admin.name.as_str())
    );
    assert_eq!(fixture.external.effects(), 0);
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_running_rollback_refuses_every_other_action() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertBridgeMetadata).await;
    let worker = fixture.worker();
    fixture.external.inject_on_compensation(Step::UpsertTenant, [Fault::Hang]);
    let running = {
        let (engine, admin) = (fixture.engine.clone(), fixture.admin.clone());
        tokio::spawn(async move { rollback(&engine, &admin, request, &confirm("a typo")).await })
    };
    fixture.db.wait_until("SELECT rollback_began_at IS NOT NULL FROM jobs").await;
    fixture.external.wait_until_compensated(Step::UpsertTenantUser).await;
    let retry = apply_dead_step_action(&fixture.engine, &fixture.admin, request, DeadStepAction::Retry).await;
    assert_error(retry, ErrorCode::InvalidTransition);
    let second = rollback(&fixture.engine, &fixture.admin, request, &confirm("me too")).await;
    assert_error(second, ErrorCode::InvalidTransition);

    // The process of the first rollback dies. The next rollback finishes the work.
    running.abort();
    let _ = running.await;
    wait_until_no_advisory_lock_is_held(&fixture.db).await;
    rollback(&fixture.engine, &fixture.admin, request, &confirm("a typo")).await.unwrap();
    assert_eq!(fixture.external.effects(), 0);
    assert_eq!(fixture.external.acts(Step::CopyDatabase), 1);
    worker.stop().await;
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn an_unattended_dead_job_is_rolled_back_after_the_configured_time() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertBridgeMetadata).await;
    fixture.db.run("UPDATE jobs SET dead_at = now() - interval '59 minutes'").await;
    let timeouts = MaintenanceTimeouts { unattended: Some(HOUR), ..MaintenanceTimeouts::default() };
    assert_eq!(run_maintenance(&fixture.engine, timeouts).await.unwrap(), MaintenanceReport::default());
    fixture.db.run("UPDATE jobs SET dead_at = now() - interval '61 minutes'").await;
    assert_eq!(
        run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap(),
        MaintenanceReport::default()
    );
    assert_eq!(run_maintenance(&fixture.engine, timeouts).await.unwrap().rolled_back, [request]);
    let detail = fixture.detail(request).await;
    assert_eq!(detail.rollback.unwrap().reason, "No admin acted within 1 h.");
    assert_eq!(detail.audit.last().unwrap().actor, "pipeline");
    assert_eq!(fixture.external.effects(), 0);
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn the_effects_of_an_active_tenant_are_never_rolled_back() {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
    // Simulates a lost response of the activation, followed by a failed attempt.
    fixture.db.run("UPDATE job_steps SET state = 'dead' WHERE position = 7").await;
    fixture.db.run("UPDATE jobs SET state = 'dead', dead_at = now() - interval '1 day'").await;
    let result = rollback(&fixture.engine, &fixture.admin, provisioned.request_id, &confirm("no")).await;
    assert_error(result, ErrorCode::InvalidTransition);
    let timeouts = MaintenanceTimeouts { unattended: Some(HOUR), ..MaintenanceTimeouts::default() };
    assert_eq!(run_maintenance(&fixture.engine, timeouts).await.unwrap(), MaintenanceReport::default());
    assert_eq!(fixture.external.effects(), 6);
    let worker = fixture.worker();
    apply_dead_step_action(&fixture.engine, &fixture.admin, provisioned.request_id, DeadStepAction::Retry)
        .await
        .unwrap();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
}

#[tokio::test]
async fn after_a_rollback_began_the_tenant_is_neither_activated_nor_deleted_without_compensation() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertBridgeMetadata).await;
    fixture.external.inject_on_compensation(
        Step::CopyDatabase,
        [Fault::Fail(StepFailure::permanent("the copy service responded with 400"))],
    );
    assert_error(
        rollback(&fixture.engine, &fixture.admin, request, &confirm("a typo")).await,
        ErrorCode::ConnectorFailed,
    );
    // A worker that was paused before the rollback began tries to activate the tenant.
    assert_eq!(fixture.db.text("SELECT activate_tenant(id)::text FROM jobs").await, "false");
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants WHERE status = 'provisioning'").await, 1);
    // The rollback of the core alone must not delete the tenant before its steps are compensated. The last
    // argument, `include_active`, is false: only a tenant in the status `provisioning` may be deleted.
    let without_compensation =
        engine::provisioning::rollback(&fixture.engine, request, None, "by hand", false).await;
    assert_error(without_compensation, ErrorCode::InvalidTransition);
    rollback(&fixture.engine, &fixture.admin, request, &confirm("again")).await.unwrap();
    let detail = fixture.detail(request).await;
    assert_eq!(detail.rollback.unwrap().reason, "a typo");
    assert!(detail.audit.iter().any(|entry| entry.action == "tenant.rollback_resumed"));
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn maintenance_never_changes_an_active_tenant_or_a_tenant_with_a_pending_job() {
    let fixture = PipelineFixture::new().await;
    let active = fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job(active.request_id, StepState::Succeeded).await;
    worker.stop().await;
    fixture.provision("casa-verde").await;
    fixture.db.run("UPDATE jobs SET created_at = '2020-01-01', due_at = '2020-01-01'").await;
    let timeouts = MaintenanceTimeouts {
        stuck: Duration::ZERO,
        unattended: Some(Duration::ZERO),
        ..MaintenanceTimeouts::default()
    };
    assert_eq!(run_maintenance(&fixture.engine, timeouts).await.unwrap(), MaintenanceReport::default());
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants").await, 2);
    assert_eq!(fixture.external.effects(), 6);
}

#[tokio::test]
async fn maintenance_deletes_the_record_of_a_worker_without_a_heartbeat_for_a_day() {
    let fixture = PipelineFixture::new().await;
    fixture
        .db
        .run(
            "INSERT INTO workers (name, last_seen_at)
             VALUES ('old', now() - interval '25 hours'), ('late', now() - interval '1 hour')",
        )
        .await;
    run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(fixture.db.text("SELECT string_agg(name, ' ') FROM workers").await, "late");
}
