//! A tenant without an owner is complete and waits for its owner.

use domain::{
    ErrorCode, RequestStatus, Stage, StepState, TenantStatus, idempotency_key::IdempotencyKey,
    outcome::Provisioned,
};
use engine::{
    access::{Actor, Employee},
    page::PageRequest,
    provisioning::{ProvisionRequest, find_request, rollback},
    tenants::{TenantCaller, list_invitations, list_keys},
};
use serde_json::json;
use test_support::{
    requests::{assert_created, assert_error, assert_replayed},
    test_database::TestDatabase,
};
use uuid::Uuid;

fn request() -> ProvisionRequest {
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    ProvisionRequest::from_json(key, &json!({ "slug": "golden-spoon", "name": "Golden Spoon" }))
}

async fn new_tenant() -> (TestDatabase, Employee, Provisioned) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &request()).await);
    (db, admin, provisioned)
}

#[tokio::test]
async fn slug_and_name_alone_create_a_complete_tenant_that_is_not_active() {
    let (db, _, provisioned) = new_tenant().await;
    assert_eq!(provisioned.tenant.status, TenantStatus::PendingActivation);
    assert!(!provisioned.tenant.is_active && provisioned.owner.is_none());
    assert!(provisioned.secret_key.is_some());
    assert_eq!(provisioned.packages.len(), 3);
    for table in ["users", "memberships", "one_time_tokens"] {
        assert_eq!(db.number(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    let tenant = "SELECT concat_ws(' ', status, owner_id IS NULL, activated_at IS NULL) FROM tenants";
    assert_eq!(db.text(tenant).await, "pending_activation t t");
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_stage_of_the_owner_is_not_applicable() {
    let (db, _, provisioned) = new_tenant().await;
    let stages: Vec<_> = provisioned.stages.iter().map(|mark| (mark.stage, mark.not_applicable)).collect();
    assert_eq!(stages, Stage::ALL.map(|stage| (stage, stage == Stage::OwnerCreated)));
    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!(detail.attempt_log[0].stages, provisioned.stages);
}

#[tokio::test]
async fn a_tenant_without_an_owner_can_not_become_active() {
    let (db, _, _) = new_tenant().await;
    for (status, constraint) in [("active", "tenants_owner_check"), ("suspended", "tenants_status_change")] {
        let error = db.try_run(&format!("UPDATE tenants SET status = '{status}'")).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some(constraint));
    }
}

#[tokio::test]
async fn a_replay_returns_the_tenant_and_an_owner_is_another_payload() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = request();
    let provisioned = assert_created(db.provision(&admin, &request).await);
    assert_eq!(assert_replayed(db.provision(&admin, &request).await), provisioned.replayed());
    let body = json!({
        "slug": "golden-spoon", "name": "Golden Spoon", "owner": { "name": "Olive", "email": "olive@example.com" },
    });
    let with_owner = ProvisionRequest::from_json(request.key.clone(), &body);
    assert_error(db.provision(&admin, &with_owner).await, ErrorCode::IdempotencyKeyReused);
}

#[tokio::test]
async fn the_record_has_the_status_and_the_key_but_no_invitation() {
    let (db, admin, provisioned) = new_tenant().await;
    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!(detail.summary.status, RequestStatus::Completed);
    assert_eq!(detail.tenant_status, Some(TenantStatus::PendingActivation));
    let access = detail.access.unwrap();
    assert_eq!((access.public_key, access.invitation), (provisioned.tenant.api_key_public, None));
    let by = &Actor::from(admin);
    let page = PageRequest::default();
    assert_eq!(list_invitations(&db.engine, by, "golden-spoon", page).await.unwrap().rows, []);
    assert_eq!(
        list_keys(&db.engine, &TenantCaller::actor(by.clone(), "golden-spoon"), page)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
}

#[tokio::test]
async fn an_operator_can_roll_the_tenant_back() {
    let (db, _, provisioned) = new_tenant().await;
    rollback(&db.engine, provisioned.request_id, None, "a mistake", true).await.unwrap();
    let counts = db.row_counts().await;
    assert_eq!((counts.get("tenants"), counts.get("users")), (None, None));
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_owner_that_is_sent_must_be_complete() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (owner, fields) in [
        (json!({}), vec!["owner.name", "owner.email"]),
        (json!({ "email": "", "name": "Olive" }), vec!["owner.email"]),
    ] {
        let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
        let body = json!({ "slug": "golden-spoon", "name": "Golden Spoon", "owner": owner });
        let request = ProvisionRequest::from_json(key, &body);
        let problem = assert_error(db.provision(&admin, &request).await, ErrorCode::ValidationError);
        assert_eq!(problem.errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), fields);
    }
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 0);
}

#[tokio::test]
async fn a_blueprint_without_steps_leaves_the_job_skipped() {
    let (db, _, provisioned) = new_tenant().await;
    assert_eq!(provisioned.pipeline.state, StepState::Skipped);
    assert_eq!(db.text("SELECT state FROM jobs").await, "skipped");
}
