use domain::{ErrorCode, Role, StepState, pipeline::Step};
use engine::pipeline::{DeadStepAction, apply_dead_step_action, rollback};

use crate::{plant::Plant, support::refused};

#[tokio::test]
async fn a_dead_step_is_tried_again_from_where_it_died() {
    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertTenant).await;
    let worker = plant.worker();
    apply_dead_step_action(&plant.engine, &plant.admin, request, DeadStepAction::Retry).await.unwrap();
    plant.wait_for_job(request, StepState::Succeeded).await;
    assert_eq!(plant.outside.acts(Step::CopyDatabase), 1);
    let detail = plant.detail(request).await;
    assert!(detail.audit.iter().any(|line| line.action == "step.retried"));
    let again = apply_dead_step_action(&plant.engine, &plant.admin, request, DeadStepAction::Retry).await;
    refused(again, ErrorCode::InvalidTransition);
    worker.stop().await;
}

#[tokio::test]
async fn only_a_step_that_the_blueprint_names_is_skipped() {
    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertTenant).await;
    let skip = apply_dead_step_action(&plant.engine, &plant.admin, request, DeadStepAction::Skip).await;
    refused(skip, ErrorCode::InvalidTransition);

    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertBridgeMetadata).await;
    apply_dead_step_action(&plant.engine, &plant.admin, request, DeadStepAction::Skip).await.unwrap();
    let worker = plant.worker();
    plant.wait_for_job(request, StepState::Succeeded).await;
    let detail = plant.detail(request).await;
    assert_eq!(detail.steps[5].state, StepState::Skipped);
    assert!(detail.audit.iter().any(|line| line.action == "step.skipped"));
    worker.stop().await;
}

#[tokio::test]
async fn who_may_only_look_decides_nothing() {
    let plant = Plant::new().await;
    let request = plant.dead_at(Step::UpsertBridgeMetadata).await;
    let viewer = plant.db.employee(Role::Viewer).await;
    for decision in [DeadStepAction::Retry, DeadStepAction::Skip] {
        let answer = apply_dead_step_action(&plant.engine, &viewer, request, decision).await;
        refused(answer, ErrorCode::Forbidden);
    }
    refused(rollback(&plant.engine, &viewer, request, "no").await, ErrorCode::Forbidden);
}
