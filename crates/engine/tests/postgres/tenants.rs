//! What belongs to a tenant: its API keys and invitations, and the calls of its programs.

mod domains;
mod export;
mod invitations;
mod keys;
mod limits;
mod members;
mod other_tenants;
mod programs;

use std::{future::Future, pin::Pin};

use domain::{ErrorCode, outcome::Provisioned};
use engine::{
    Engine, Error,
    access::{Actor, Employee},
    page::PageRequest,
    tenants::{
        Rotation, TenantCaller, list_keys, resend_invitation, revoke_invitation, revoke_key, rotate_key,
    },
};

use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

const SLUG: &str = "golden-spoon";

/// A database with one tenant, and the admin who provisioned it.
async fn new_tenant() -> (TestDatabase, Employee, Provisioned) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft(SLUG))).await);
    (db, admin, provisioned)
}

/// The actors of the audit log entries that have this action and belong to a tenant and its request.
async fn audited(db: &TestDatabase, action: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT a.actor_name FROM audit_log a JOIN tenants t ON t.id = a.subject_id AND t.request_id = a.request_id
         WHERE a.action = $1 ORDER BY a.id",
    )
    .bind(action)
    .fetch_all(&db.pool)
    .await
    .unwrap()
}

/// A change of a tenant by an admin.
type Change = fn(Engine, Actor) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

const CHANGES: [Change; 4] = [
    |engine, by| {
        Box::pin(async move {
            rotate_key(&engine, &TenantCaller::actor(by.clone(), SLUG), &Rotation::default()).await.map(drop)
        })
    },
    |engine, by| {
        Box::pin(async move {
            let key = list_keys(&engine, &TenantCaller::actor(by.clone(), SLUG), PageRequest::default())
                .await?
                .rows
                .remove(0);
            revoke_key(&engine, &TenantCaller::actor(by.clone(), SLUG), key.id).await
        })
    },
    |engine, by| {
        Box::pin(async move {
            resend_invitation(&engine, &TenantCaller::actor(by.clone(), SLUG), None, ORIGIN).await.map(drop)
        })
    },
    |engine, by| {
        Box::pin(
            async move { revoke_invitation(&engine, &TenantCaller::actor(by.clone(), SLUG), None).await },
        )
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_loses_the_role_during_the_wait_for_the_tenant_changes_nothing() {
    let (db, admin, _) = new_tenant().await;
    let state =
        "SELECT concat((SELECT json_agg(k) FROM api_keys k), (SELECT json_agg(o) FROM one_time_tokens o))";
    let before = db.text(state).await;
    for (loss, restore, code) in [
        ("role = 'VIEWER'", "role = 'ADMIN'", ErrorCode::Forbidden),
        ("status = 'disabled'", "status = 'active'", ErrorCode::Unauthenticated),
    ] {
        for change in CHANGES {
            let mut holder = db.pool.begin().await.unwrap();
            sqlx::raw_sql("SELECT FROM tenants FOR UPDATE").execute(&mut *holder).await.unwrap();
            let changing = tokio::spawn(change(db.engine.clone(), admin.clone().into()));
            db.wait_until(
                "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
            )
            .await;
            db.run(&format!("UPDATE employees SET {loss} WHERE built_in IS NULL")).await;
            holder.commit().await.unwrap();
            assert_error(changing.await.unwrap(), code);
            db.run(&format!("UPDATE employees SET {restore} WHERE built_in IS NULL")).await;
        }
    }
    assert_eq!(db.text(state).await, before);
    for action in ["key.rotated", "key.revoked", "invitation.resent", "invitation.revoked"] {
        assert_eq!(audited(&db, action).await, [""; 0]);
    }
}
