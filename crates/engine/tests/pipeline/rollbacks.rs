use std::time::Duration;

use domain::{ErrorCode, RequestStatus, StepState, jobs::StepFailure, pipeline::Step};
use engine::{
    pipeline::{
        DeadStepAction, MaintenanceReport, MaintenanceTimeouts, apply_dead_step_action, rollback,
        run_maintenance,
    },
    provisioning::{check_slug, find_request},
};

use crate::{outside::Fate, plant::Plant, support::refused};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_roll_back_at_each_step_leaves_nothing_inside_or_outside() {
    for step in &Step::ALL[..6] {
        let plant = Plant::new().await;
        let request = plant.dead_at(*step).await;
        rollback(&plant.engine, &plant.admin, request, "the customer went away").await.unwrap();
        assert_eq!(plant.outside.effects(), 0, "{step}");
        let detail = find_request(&plant.engine, request).await.unwrap();
        assert_eq!(detail.summary.status, RequestStatus::RolledBack);
        assert!(detail.steps.iter().all(|step| step.state == StepState::Compensated));
        assert_eq!(plant.db.number("SELECT count(*) FROM tenants").await, 0);
        assert_eq!(plant.db.number("SELECT count(*) FROM users").await, 0);
        let slug = domain::slug::Slug::parse("golden-spoon").unwrap();
        assert!(check_slug(&plant.engine, &slug, None).await.unwrap().available);
        plant.db.assert_sound().await;
    }
}

#[tokio::test]
async fn a_job_at_work_or_done_is_not_rolled_back() {
    let plant = Plant::new().await;
    plant.outside.order(Step::CopyDatabase, [Fate::HangBefore]);
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.outside.wait_for_act(Step::CopyDatabase).await;
    let at_work = rollback(&plant.engine, &plant.admin, made.request_id, "no").await;
    refused(at_work, ErrorCode::InvalidTransition);
    worker.stop().await;
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    let done = rollback(&plant.engine, &plant.admin, made.request_id, "no").await;
    refused(done, ErrorCode::InvalidTransition);
    assert_eq!(plant.outside.effects(), 6);
    worker.stop().await;
}

#[tokio::test]
async fn a_roll_back_that_was_begun_is_only_ever_finished() {
    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertBridgeMetadata).await;
    plant.outside.order_undo(Step::CopyDatabase, [Fate::Refuse(StepFailure::permanent("h answered 400"))]);
    let cut_off = rollback(&plant.engine, &plant.admin, request, "a typo").await;
    refused(cut_off, ErrorCode::ConnectorFailed);

    // Its last effects are gone: no step may go on as if they were there.
    assert_eq!(plant.outside.effects(), 1);
    for decision in [DeadStepAction::Retry, DeadStepAction::Skip] {
        let answer = apply_dead_step_action(&plant.engine, &plant.admin, request, decision).await;
        refused(answer, ErrorCode::InvalidTransition);
    }
    let begun = plant.detail(request).await.rollback.unwrap();
    assert_eq!(begun.reason, "a typo");
    assert_eq!(begun.problem.as_deref(), Some("Copy database: h answered 400"));

    assert_eq!(
        run_maintenance(&plant.engine, MaintenanceTimeouts::default()).await.unwrap(),
        MaintenanceReport::default()
    );
    plant.db.run("UPDATE jobs SET due_at = now()").await;
    let tidied = run_maintenance(&plant.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(tidied.rolled_back, [request]);
    let detail = plant.detail(request).await;
    assert_eq!(detail.summary.status, RequestStatus::RolledBack);
    assert_eq!(detail.rollback.unwrap().reason, "a typo");
    let last = detail.audit.last().unwrap();
    assert_eq!(
        (last.action.as_str(), last.actor.as_str()),
        ("tenant.rolled_back", plant.admin.name.as_str())
    );
    assert_eq!(plant.outside.effects(), 0);
    plant.db.assert_sound().await;
}

#[tokio::test]
async fn while_a_roll_back_is_under_way_nothing_else_is_done_to_the_job() {
    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertBridgeMetadata).await;
    let worker = plant.worker();
    plant.outside.order_undo(Step::UpsertTenant, [Fate::HangBefore]);
    let under_way = {
        let (engine, admin) = (plant.engine.clone(), plant.admin.clone());
        tokio::spawn(async move { rollback(&engine, &admin, request, "a typo").await })
    };
    plant.db.wait_until("SELECT rollback_began_at IS NOT NULL FROM jobs").await;
    plant.outside.wait_until_undone(Step::UpsertTenantUser).await;
    let retry = apply_dead_step_action(&plant.engine, &plant.admin, request, DeadStepAction::Retry).await;
    refused(retry, ErrorCode::InvalidTransition);
    let second = rollback(&plant.engine, &plant.admin, request, "me too").await;
    refused(second, ErrorCode::InvalidTransition);

    // Its process dies; whoever comes next finishes it.
    under_way.abort();
    let _ = under_way.await;
    plant.db.wait_until("SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))").await;
    rollback(&plant.engine, &plant.admin, request, "a typo").await.unwrap();
    assert_eq!(plant.outside.effects(), 0);
    assert_eq!(plant.outside.acts(Step::CopyDatabase), 1);
    worker.stop().await;
    plant.db.assert_sound().await;
}

#[tokio::test]
async fn what_nobody_decides_on_is_rolled_back_after_the_configured_time_and_not_before() {
    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertBridgeMetadata).await;
    plant.db.run("UPDATE jobs SET dead_at = now() - interval '59 minutes'").await;
    let patience = MaintenanceTimeouts { unattended: Some(HOUR), ..MaintenanceTimeouts::default() };
    assert_eq!(run_maintenance(&plant.engine, patience).await.unwrap(), MaintenanceReport::default());
    plant.db.run("UPDATE jobs SET dead_at = now() - interval '61 minutes'").await;
    assert_eq!(
        run_maintenance(&plant.engine, MaintenanceTimeouts::default()).await.unwrap(),
        MaintenanceReport::default()
    );
    assert_eq!(run_maintenance(&plant.engine, patience).await.unwrap().rolled_back, [request]);
    let detail = plant.detail(request).await;
    assert_eq!(detail.rollback.unwrap().reason, "No admin acted within 1 h.");
    assert_eq!(detail.audit.last().unwrap().actor, "pipeline");
    assert_eq!(plant.outside.effects(), 0);
    plant.db.assert_sound().await;
}

#[tokio::test]
async fn what_an_active_tenant_has_outside_is_never_undone_though_its_last_step_died() {
    let plant = Plant::new().await;
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    worker.stop().await;
    // As it is left when the answer of the activation is lost, and the next try refused.
    plant.db.run("UPDATE job_steps SET state = 'dead' WHERE position = 7").await;
    plant.db.run("UPDATE jobs SET state = 'dead', dead_at = now() - interval '1 day'").await;
    let asked = rollback(&plant.engine, &plant.admin, made.request_id, "no").await;
    refused(asked, ErrorCode::InvalidTransition);
    let patience = MaintenanceTimeouts { unattended: Some(HOUR), ..MaintenanceTimeouts::default() };
    assert_eq!(run_maintenance(&plant.engine, patience).await.unwrap(), MaintenanceReport::default());
    assert_eq!(plant.outside.effects(), 6);
    let worker = plant.worker();
    apply_dead_step_action(&plant.engine, &plant.admin, made.request_id, DeadStepAction::Retry)
        .await
        .unwrap();
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    worker.stop().await;
}

#[tokio::test]
async fn nobody_activates_what_is_being_undone_nor_removes_a_tenant_from_over_its_effects() {
    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertBridgeMetadata).await;
    plant.outside.order_undo(Step::CopyDatabase, [Fate::Refuse(StepFailure::permanent("h answered 400"))]);
    refused(rollback(&plant.engine, &plant.admin, request, "a typo").await, ErrorCode::ConnectorFailed);
    // A worker that slept since before the rollback.
    assert_eq!(plant.db.text("SELECT activate_tenant(id)::text FROM jobs").await, "false");
    assert_eq!(plant.db.number("SELECT count(*) FROM tenants WHERE status = 'provisioning'").await, 1);
    let by_hand = engine::provisioning::rollback(&plant.engine, request, None, "by hand", false).await;
    refused(by_hand, ErrorCode::InvalidTransition);
    rollback(&plant.engine, &plant.admin, request, "again").await.unwrap();
    let detail = plant.detail(request).await;
    assert_eq!(detail.rollback.unwrap().reason, "a typo");
    assert!(detail.audit.iter().any(|line| line.action == "tenant.rollback_resumed"));
    plant.db.assert_sound().await;
}

#[tokio::test]
async fn upkeep_never_touches_an_active_tenant_or_one_that_is_being_set_up() {
    let plant = Plant::new().await;
    let active = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.wait_for_job(active.request_id, StepState::Succeeded).await;
    worker.stop().await;
    plant.tenant("casa-verde").await;
    plant.db.run("UPDATE jobs SET created_at = '2020-01-01', due_at = '2020-01-01'").await;
    let patience = MaintenanceTimeouts { stuck: Duration::ZERO, unattended: Some(Duration::ZERO) };
    assert_eq!(run_maintenance(&plant.engine, patience).await.unwrap(), MaintenanceReport::default());
    assert_eq!(plant.db.number("SELECT count(*) FROM tenants").await, 2);
    assert_eq!(plant.outside.effects(), 6);
}

#[tokio::test]
async fn a_worker_that_was_lost_long_ago_is_forgotten() {
    let plant = Plant::new().await;
    plant.db.run("INSERT INTO workers (name, seen_at) VALUES ('old', now() - interval '25 hours'), ('late', now() - interval '1 hour')").await;
    run_maintenance(&plant.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(plant.db.text("SELECT string_agg(name, ' ') FROM workers").await, "late");
}
