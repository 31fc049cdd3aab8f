use domain::{ErrorCode, Role, StepState, pipeline::Step};
use engine::pipeline::{DeadStepAction, apply_dead_step_action, rollback};

use test_support::{
    pipeline_fixture::PipelineFixture,
    requests::{assert_error, confirm},
};

#[tokio::test]
async fn retry_continues_at_the_dead_step() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertTenant).await;
    let worker = fixture.worker();
    apply_dead_step_action(&fixture.engine, &fixture.admin, request, DeadStepAction::Retry).await.unwrap();
    fixture.wait_for_job(request, StepState::Succeeded).await;
    assert_eq!(fixture.external.acts(Step::CopyDatabase), 1);
    let detail = fixture.detail(request).await;
    assert!(detail.audit.iter().any(|entry| entry.action == "step.retried"));
    let again = apply_dead_step_action(&fixture.engine, &fixture.admin, request, DeadStepAction::Retry).await;
    assert_error(again, ErrorCode::InvalidTransition);
    worker.stop().await;
}

#[tokio::test]
async fn only_steps_that_the_blueprint_lists_as_skippable_can_be_skipped() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertTenant).await;
    let skip = apply_dead_step_action(&fixture.engine, &fixture.admin, request, DeadStepAction::Skip).await;
    assert_error(skip, ErrorCode::InvalidTransition);

    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertBridgeMetadata).await;
    apply_dead_step_action(&fixture.engine, &fixture.admin, request, DeadStepAction::Skip).await.unwrap();
    let worker = fixture.worker();
    fixture.wait_for_job(request, StepState::Succeeded).await;
    let detail = fixture.detail(request).await;
    assert_eq!(detail.steps[5].state, StepState::Skipped);
    assert!(detail.audit.iter().any(|entry| entry.action == "step.skipped"));
    worker.stop().await;
}

#[tokio::test]
async fn a_viewer_can_neither_retry_nor_skip_nor_roll_back() {
    let fixture = PipelineFixture::new().await;
    let request = fixture.provision_until_dead(Step::UpsertBridgeMetadata).await;
    let viewer = fixture.db.employee(Role::Viewer).await;
    for action in [DeadStepAction::Retry, DeadStepAction::Skip] {
        let result = apply_dead_step_action(&fixture.engine, &viewer, request, action).await;
        assert_error(result, ErrorCode::Forbidden);
    }
    assert_error(rollback(&fixture.engine, &viewer, request, &confirm("no")).await, ErrorCode::Forbidden);
}
