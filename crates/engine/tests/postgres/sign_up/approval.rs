//! Sign-ups that an admin approves or declines.

use domain::{ErrorCode, TenantStatus, pipeline::Step, sign_up::SignUpMode};
use engine::{
    access::Actor,
    sign_up::{SignUpLimits, SignUpSettings, find_sign_up},
    tenants::{
        activate_tenant, count_awaiting_approval, decline_tenant, delete_tenant, read_tenant, restore_tenant,
    },
};
use test_support::{
    pipeline_fixture::PipelineFixture,
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

use super::{EMAIL, TOKEN, database, sign_up, verify};

const SLUG: &str = "silver-fork";

/// A database with a tenant that waits for approval, and an admin.
async fn waiting() -> (TestDatabase, Actor) {
    let db = database(SignUpMode::Approval).await;
    sign_up(&db).await;
    let signed_up = verify(&db).await.unwrap();
    assert_eq!(signed_up.status, TenantStatus::PendingActivation);
    let admin = db.admin().await.into();
    (db, admin)
}

async fn mails(db: &TestDatabase) -> String {
    db.text("SELECT string_agg(concat_ws(' ', kind, status), ', ' ORDER BY created_at) FROM outbox_messages")
        .await
}

#[tokio::test]
async fn an_approved_tenant_becomes_active_and_its_owner_is_told() {
    let (db, admin) = waiting().await;
    assert!(read_tenant(&db.engine, SLUG).await.unwrap().awaits_approval);
    assert_eq!(count_awaiting_approval(&db.engine).await.unwrap(), 1);
    assert_eq!(mails(&db).await, "sign_up_verification pending");
    db.assert_invariants().await;

    assert_eq!(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await.unwrap().status, TenantStatus::Active);
    assert_eq!(count_awaiting_approval(&db.engine).await.unwrap(), 0);
    assert!(!read_tenant(&db.engine, SLUG).await.unwrap().awaits_approval);
    assert_eq!(mails(&db).await, "sign_up_verification pending, sign_up_approved pending");
    let refused =
        assert_error(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await, ErrorCode::InvalidTransition);
    assert_eq!(refused.errors[0].rule, "not_waiting");
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_steps_of_a_tenant_wait_for_its_approval() {
    let mut fixture = PipelineFixture::new().await;
    let settings = SignUpSettings { mode: SignUpMode::Approval, limits: SignUpLimits::unlimited() };
    fixture.engine = fixture.engine.clone().with_sign_up(settings);
    fixture.db.engine = fixture.engine.clone();
    sign_up(&fixture.db).await;
    verify(&fixture.db).await.unwrap();
    let worker = fixture.worker();
    let admin: Actor = fixture.admin.clone().into();
    assert_eq!(fixture.db.text("SELECT state FROM jobs WHERE creates_tenant").await, "blocked");
    // Neither a restore nor anything else starts the steps.
    delete_tenant(&fixture.engine, &admin, SLUG, SLUG).await.unwrap();
    let restored = restore_tenant(&fixture.engine, &admin, SLUG).await.unwrap();
    assert_eq!(restored.status, TenantStatus::PendingActivation);
    assert_eq!(fixture.db.text("SELECT state FROM jobs WHERE creates_tenant").await, "blocked");
    fixture.db.assert_invariants().await;

    activate_tenant(&fixture.engine, &admin, SLUG, ORIGIN).await.unwrap();
    fixture.db.wait_until("SELECT status = 'active' FROM tenants").await;
    worker.stop().await;
    assert_eq!(fixture.external.acts(Step::CopyDatabase), 1);
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn a_declined_tenant_is_gone_and_its_slug_and_address_are_available() {
    let (db, admin) = waiting().await;
    assert_error(decline_tenant(&db.engine, &admin, SLUG, " ", ORIGIN).await, ErrorCode::ValidationError);
    decline_tenant(&db.engine, &admin, SLUG, "The company does not exist.", ORIGIN).await.unwrap();
    for table in ["tenants", "users", "sessions", "memberships", "sign_ups"] {
        assert_eq!(db.number(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    let audited = "SELECT string_agg(concat_ws(' ', actor_name, action), ', ' ORDER BY id) FROM audit_log
        WHERE after ->> 'reason' = 'The company does not exist.'";
    let expected = "Test ADMIN tenant.sign_up_declined, Test ADMIN tenant.rolled_back";
    assert_eq!(db.text(audited).await, expected);
    let mail = "SELECT concat_ws(' ', kind, status, recipient_address) FROM outbox_messages
        ORDER BY created_at DESC LIMIT 1";
    assert_eq!(db.text(mail).await, format!("sign_up_declined pending {EMAIL}"));
    assert_error(find_sign_up(&db.engine, TOKEN).await, ErrorCode::ResourceNotFound);
    db.assert_invariants().await;
    // The person can sign up again.
    sign_up(&db).await;
    verify(&db).await.unwrap();
    db.assert_invariants().await;
}

#[tokio::test]
async fn only_a_tenant_that_waits_for_approval_can_be_declined() {
    let (db, admin) = waiting().await;
    let viewer = db.employee(domain::Role::Viewer).await.into();
    assert_error(decline_tenant(&db.engine, &viewer, SLUG, "x", ORIGIN).await, ErrorCode::Forbidden);
    activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await.unwrap();
    assert_created(db.provision(&db.admin().await, &provision_request(draft("golden-spoon"))).await);
    for slug in [SLUG, "golden-spoon"] {
        let refused = decline_tenant(&db.engine, &admin, slug, "x", ORIGIN).await;
        let problem = assert_error(refused, ErrorCode::InvalidTransition);
        assert_eq!(problem.errors[0].rule, "not_awaiting_approval");
    }
}

#[tokio::test]
async fn a_tenant_that_waits_for_approval_has_an_owner_and_is_not_active() {
    let (db, _) = waiting().await;
    let error = db.try_run("UPDATE tenants SET status = 'active'").await.unwrap_err();
    let constraint = error.as_database_error().and_then(|error| error.constraint());
    assert_eq!(constraint, Some("tenants_approval_check"));
}
