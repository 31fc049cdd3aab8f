use domain::{
    ErrorCode, RequestStatus, Role, StepState,
    pipeline::{Step, StepFailure},
};
use engine::{
    pipeline::{Decision, decide, roll_back},
    provisioning::{check_slug, find_request},
};

use crate::{outside::Fate, plant::Plant, support::refused};

async fn dead_at(plant: &Plant, step: Step) -> uuid::Uuid {
    plant.outside.order(step, [Fate::Refuse(StepFailure::lasting("h answered 400"))]);
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Dead).await;
    worker.stop().await;
    made.request_id
}

#[tokio::test]
async fn a_dead_step_is_tried_again_from_where_it_died() {
    let plant = Plant::new().await;
    let request = dead_at(&plant, Step::UpsertTenant).await;
    let worker = plant.worker();
    decide(&plant.engine, plant.engine.pipeline(), &plant.admin, request, Decision::Retry).await.unwrap();
    plant.wait_for_job(request, StepState::Succeeded).await;
    assert_eq!(plant.outside.acts(Step::CopyDatabase), 1);
    let detail = plant.detail(request).await;
    assert!(detail.audit.iter().any(|line| line.action == "step.retried"));
    let again = decide(&plant.engine, plant.engine.pipeline(), &plant.admin, request, Decision::Retry).await;
    refused(again, ErrorCode::InvalidTransition);
    worker.stop().await;
}

#[tokio::test]
async fn only_a_step_that_the_blueprint_names_is_skipped() {
    let plant = Plant::new().await;
    let request = dead_at(&plant, Step::UpsertTenant).await;
    let skip = decide(&plant.engine, plant.engine.pipeline(), &plant.admin, request, Decision::Skip).await;
    refused(skip, ErrorCode::InvalidTransition);

    let plant = Plant::new().await;
    let request = dead_at(&plant, Step::TellBridge).await;
    decide(&plant.engine, plant.engine.pipeline(), &plant.admin, request, Decision::Skip).await.unwrap();
    let worker = plant.worker();
    plant.wait_for_job(request, StepState::Succeeded).await;
    let detail = plant.detail(request).await;
    assert_eq!(detail.steps[5].state, StepState::Skipped);
    assert!(detail.audit.iter().any(|line| line.action == "step.skipped"));
    worker.stop().await;
}

#[tokio::test]
async fn a_roll_back_at_each_step_leaves_nothing_inside_or_outside() {
    for step in &Step::ALL[..6] {
        let plant = Plant::new().await;
        let request = dead_at(&plant, *step).await;
        let steps = plant.outside.steps(&plant.engine);
        roll_back(&plant.engine, &steps, &plant.admin, request, "the customer went away").await.unwrap();
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
    let steps = plant.outside.steps(&plant.engine);
    let at_work = roll_back(&plant.engine, &steps, &plant.admin, made.request_id, "no").await;
    refused(at_work, ErrorCode::InvalidTransition);
    worker.stop().await;
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    let done = roll_back(&plant.engine, &steps, &plant.admin, made.request_id, "no").await;
    refused(done, ErrorCode::InvalidTransition);
    assert_eq!(plant.outside.effects(), 6);
    worker.stop().await;
}

#[tokio::test]
async fn who_may_only_look_decides_nothing() {
    let plant = Plant::new().await;
    let request = dead_at(&plant, Step::TellBridge).await;
    let viewer = plant.db.employee(Role::Viewer).await;
    for decision in [Decision::Retry, Decision::Skip] {
        let answer = decide(&plant.engine, plant.engine.pipeline(), &viewer, request, decision).await;
        refused(answer, ErrorCode::Forbidden);
    }
    let steps = plant.outside.steps(&plant.engine);
    refused(roll_back(&plant.engine, &steps, &viewer, request, "no").await, ErrorCode::Forbidden);
}
