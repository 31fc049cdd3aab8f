//! The demo data (`docs/specification.md`, section 2).

use domain::Role;
use engine::{
    access::Actor,
    demo::{DemoError, create_demo},
    tenants::{TenantCaller, list_usage},
};
use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
};

#[tokio::test]
async fn the_demo_data_have_every_status_and_months_of_history() {
    let db = TestDatabase::new().await;
    let created = create_demo(&db.engine, false).await.unwrap();
    assert_eq!(created.len(), 60);
    db.assert_invariants().await;
    for status in ["provisioning", "pending_activation", "setup_incomplete", "active", "suspended", "deleted"]
    {
        let count = db.number(&format!("SELECT count(*) FROM tenants WHERE status = '{status}'")).await;
        assert!(count >= 3, "{count} tenants are {status}");
    }
    for (what, sql) in [
        (
            "trials that end soon",
            "SELECT count(*) FROM tenants WHERE trial_ends_at BETWEEN now() AND now() + interval '10 days'",
        ),
        ("dead letters", "SELECT count(*) FROM jobs WHERE state = 'dead'"),
        ("rolled-back requests", "SELECT count(*) FROM provisioning_requests WHERE status = 'rolled_back'"),
        ("error codes", "SELECT count(DISTINCT code) FROM provisioning_requests WHERE status = 'failed'"),
        ("failed attempts", "SELECT count(*) FROM step_attempts WHERE outcome = 'failed'"),
        ("roles of members", "SELECT count(DISTINCT role) FROM memberships WHERE joined_at IS NOT NULL"),
        ("open invitations", "SELECT count(*) FROM memberships WHERE joined_at IS NULL"),
        ("accepted invitations", "SELECT count(*) FROM one_time_tokens WHERE used_at IS NOT NULL"),
        ("named actors", "SELECT count(DISTINCT actor_name) FROM audit_log"),
        ("actions", "SELECT count(DISTINCT action) FROM audit_log"),
        ("domains", "SELECT count(*) FROM tenant_domains"),
        ("months", "SELECT count(DISTINCT date_trunc('month', created_at)) FROM provisioning_requests"),
    ] {
        let count = db.number(sql).await;
        assert!(count >= 3, "{what}: {count}");
    }
    let mut near_limit = 0;
    for slug in &created {
        // A deleted tenant has no usage.
        let caller = TenantCaller::actor(Actor::Operator, slug);
        let Ok(usage) = list_usage(&db.engine, &caller).await else { continue };
        near_limit += usage
            .iter()
            .filter(|usage| usage.limit.is_some_and(|limit| usage.used * 10 >= limit * 9))
            .count();
    }
    assert!(near_limit >= 3, "{near_limit}");
    // The order of the entries is that of their times, and all of them are in the past.
    assert_eq!(
        db.number("SELECT count(*) FROM (SELECT at, lag(at) OVER (ORDER BY id) AS before FROM audit_log) a WHERE at < before OR at > now()").await,
        0
    );
    assert!(db.try_run("UPDATE audit_log SET action = 'x'").await.is_err(), "the audit log is append-only");
    // No mail waits, and the first admin can still be created.
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages WHERE status = 'pending'").await, 0);
    assert!(engine::access::issue_first_admin_link(&db.engine).await.unwrap().is_some());

    let rows = db.row_counts().await;
    assert!(create_demo(&db.engine, false).await.unwrap().is_empty());
    assert_eq!(db.row_counts().await, rows);
}

#[tokio::test]
async fn an_installation_with_tenants_gets_no_demo_data() {
    let db = TestDatabase::new().await;
    let admin = db.employee(Role::Admin).await;
    assert_created(db.provision(&admin, &provision_request(draft("real-tenant"))).await);
    let rows = db.row_counts().await;
    assert!(matches!(create_demo(&db.engine, false).await, Err(DemoError::HasTenants(1))));
    assert_eq!(db.row_counts().await, rows);
    let at = db.text("SELECT created_at::text FROM tenants").await;
    assert_eq!(create_demo(&db.engine, true).await.unwrap().len(), 60);
    assert_eq!(db.text("SELECT created_at::text FROM tenants WHERE slug = 'real-tenant'").await, at);
    db.assert_invariants().await;
}
