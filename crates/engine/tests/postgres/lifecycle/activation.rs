use domain::{
    ErrorCode, Role,
    TenantStatus::{Active, PendingActivation, SetupIncomplete},
};
use engine::{
    access::Actor,
    tenants::{activate_tenant, delete_tenant, suspend_tenant},
};
use test_support::{
    requests::assert_error,
    test_database::{ORIGIN, TestDatabase},
};

use super::{SLUG, audited, new_tenant, new_tenant_without_owner, refused_rule, status};

/// Sets the status of the only tenant, without the guard.
async fn force_status(db: &TestDatabase, status: domain::TenantStatus) {
    db.run(&format!(
        "ALTER TABLE tenants DISABLE TRIGGER tenants_guard_status;
         UPDATE tenants SET status = '{status}', activated_at = NULL;
         ALTER TABLE tenants ENABLE TRIGGER tenants_guard_status"
    ))
    .await;
}

#[tokio::test]
async fn a_complete_tenant_with_an_owner_becomes_active() {
    let (db, admin, _) = new_tenant().await;
    for former in [PendingActivation, SetupIncomplete] {
        force_status(&db, former).await;
        let activated = activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await.unwrap();
        assert_eq!((activated.status, activated.activated_at.is_some()), (Active, true));
        let expected = format!(r#"tenant.activated {{"status": "{former}"}} {{"status": "active"}}"#);
        assert_eq!(audited(&db).await.last(), Some(&expected));
        db.assert_invariants().await;
    }
    assert_eq!(refused_rule(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await), "not_waiting");
    suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap();
    assert_eq!(refused_rule(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await), "not_waiting");
    delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    assert_eq!(refused_rule(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await), "not_waiting");
    db.run("UPDATE tenants SET purged_at = now(), owner_id = NULL").await;
    assert_error(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await, ErrorCode::TenantNotFound);
}

#[tokio::test]
async fn a_tenant_without_an_owner_is_refused_and_the_next_step_is_the_call_that_names_one() {
    let (db, admin, _) = new_tenant_without_owner().await;
    for status in [PendingActivation, SetupIncomplete] {
        force_status(&db, status).await;
        let problem = assert_error(
            activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await,
            ErrorCode::InvalidTransition,
        );
        assert_eq!(problem.errors[0].rule, "no_owner");
        assert!(problem.next_step().contains("PUT /api/v1/admin/tenants/{tenant}/owner"), "{problem:?}");
    }
    assert_eq!(audited(&db).await.len(), 0);
}

#[tokio::test]
async fn a_tenant_that_lacks_a_part_is_refused_with_the_name_of_the_part() {
    let (db, admin, _) = new_tenant().await;
    force_status(&db, SetupIncomplete).await;
    db.run("DELETE FROM packages; DELETE FROM segments").await;
    let problem =
        assert_error(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await, ErrorCode::InvalidTransition);
    assert_eq!(problem.errors[0].rule, "incomplete");
    assert_eq!(problem.detail(), "The tenant is setup incomplete. It lacks a segment, a package.");
    assert_eq!(status(&db).await, SetupIncomplete);
}

#[tokio::test]
async fn a_tenant_whose_steps_run_is_left_to_its_last_step() {
    let (db, admin, _) = new_tenant().await;
    force_status(&db, PendingActivation).await;
    db.run("UPDATE jobs SET state = 'pending' WHERE creates_tenant").await;
    assert_eq!(refused_rule(activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await), "steps_pending");
    // As if an approval had been outstanding: the steps begin, and the last one activates the tenant.
    db.run("UPDATE jobs SET state = 'blocked' WHERE creates_tenant").await;
    let approved = activate_tenant(&db.engine, &admin, SLUG, ORIGIN).await.unwrap();
    assert_eq!(approved.status, PendingActivation);
    assert_eq!(db.text("SELECT state FROM jobs WHERE creates_tenant").await, "pending");
    let expected =
        r#"tenant.activation_approved {"status": "pending_activation"} {"status": "pending_activation"}"#;
    assert_eq!(audited(&db).await, [expected]);
}

#[tokio::test]
async fn a_viewer_activates_nothing() {
    let (db, ..) = new_tenant().await;
    let viewer = Actor::from(db.employee(Role::Viewer).await);
    assert_error(activate_tenant(&db.engine, &viewer, SLUG, ORIGIN).await, ErrorCode::Forbidden);
}
