//! Rollbacks, requests that an operator or the cleanup marks as failed, and the append-only audit log.

use std::time::Duration;

use domain::{ErrorCode, RequestStatus};
use engine::{
    access::Employee,
    provisioning::{cleanup_stuck, find_request, mark_failed, rollback},
};
use uuid::Uuid;

use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::TestDatabase,
};

/// Inserts a request that has been `processing` for this many minutes.
async fn stuck_request(db: &TestDatabase, admin: &Employee, minutes: i32) -> Uuid {
    sqlx::query_scalar(
        "INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name, owner_email, created_at)
         VALUES (gen_random_uuid(), $1, gen_random_uuid(), 'processing', '{}', 'stuck', 'Stuck', 's@example.com', now() - make_interval(mins => $2))
         RETURNING id",
    )
    .bind(admin.id)
    .bind(minutes)
    .fetch_one(&db.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn an_active_tenant_is_rolled_back_only_if_active_tenants_are_included() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let id = provisioned.request_id;
    assert_error(
        rollback(&db.engine, id, Some(admin.id), "a mistake", false).await,
        ErrorCode::InvalidTransition,
    );
    db.assert_complete_tenants(1).await;

    rollback(&db.engine, id, Some(admin.id), "a mistake", true).await.unwrap();
    let rows: Vec<_> = db.row_counts().await.into_iter().collect();
    // The record of the job stays.
    assert_eq!(rows, [("audit_log", 2), ("jobs", 1)]);
    db.assert_invariants().await;
    let detail = find_request(&db.engine, id).await.unwrap();
    assert_eq!(detail.summary.status, RequestStatus::RolledBack);
    let actions: Vec<_> =
        detail.audit.iter().map(|entry| (entry.actor.as_str(), entry.action.as_str())).collect();
    assert_eq!(actions, [("Test ADMIN", "tenant.provisioned"), ("Test ADMIN", "tenant.rolled_back")]);

    assert_error(rollback(&db.engine, id, None, "again", true).await, ErrorCode::InvalidTransition);
    assert_error(
        rollback(&db.engine, Uuid::new_v4(), None, "nothing", true).await,
        ErrorCode::ResourceNotFound,
    );
}

#[tokio::test]
async fn a_tenant_in_provisioning_is_rolled_back_if_active_tenants_are_not_included() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    db.run("ALTER TABLE tenants DISABLE TRIGGER USER; UPDATE tenants SET status = 'provisioning'").await;
    rollback(&db.engine, provisioned.request_id, None, "its steps are dead", false).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn a_rollback_keeps_an_owner_with_another_membership() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let second = assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    sqlx::query("INSERT INTO memberships (tenant_id, user_id, role) SELECT $1, owner_id, 'member' FROM tenants WHERE id = $2")
        .bind(second.tenant.id)
        .bind(first.tenant.id)
        .execute(&db.pool)
        .await
        .unwrap();
    rollback(&db.engine, first.request_id, None, "a mistake", true).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM users").await, 2);
    db.assert_invariants().await;
}

#[tokio::test]
async fn only_a_processing_request_can_be_marked_as_failed() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let id = stuck_request(&db, &admin, 1).await;
    mark_failed(&db.engine, id, ErrorCode::Timeout, "by hand").await.unwrap();
    let detail = find_request(&db.engine, id).await.unwrap();
    assert_eq!(
        (detail.summary.status, detail.summary.code),
        (RequestStatus::Failed, Some(ErrorCode::Timeout))
    );
    assert_eq!(detail.attempt_log[0].message.as_deref(), Some("by hand"));
    assert_error(
        mark_failed(&db.engine, id, ErrorCode::Timeout, "again").await,
        ErrorCode::InvalidTransition,
    );
    assert_error(
        mark_failed(&db.engine, Uuid::new_v4(), ErrorCode::Timeout, "nothing").await,
        ErrorCode::ResourceNotFound,
    );
    db.assert_invariants().await;
}

#[tokio::test]
async fn cleanup_marks_stuck_requests_as_failed_and_changes_no_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let (old, young) = (stuck_request(&db, &admin, 30).await, stuck_request(&db, &admin, 1).await);
    assert_eq!(cleanup_stuck(&db.engine, Duration::from_secs(600)).await.unwrap(), [old]);
    assert!(cleanup_stuck(&db.engine, Duration::from_secs(600)).await.unwrap().is_empty());
    assert_eq!(find_request(&db.engine, old).await.unwrap().summary.status, RequestStatus::Failed);
    assert_eq!(find_request(&db.engine, young).await.unwrap().summary.status, RequestStatus::Processing);
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn the_audit_log_is_append_only() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    for change in ["UPDATE audit_log SET action = 'nothing'", "DELETE FROM audit_log", "TRUNCATE audit_log"] {
        let error = db.try_run(change).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{change}: {error}");
    }
    db.assert_complete_tenants(1).await;
}
