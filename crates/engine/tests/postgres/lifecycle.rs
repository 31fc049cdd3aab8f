//! The life of a tenant after its provisioning: `docs/specification.md`, section 7.

mod activation;
mod concurrency;
mod deletion;
mod former_links;
mod owner;
mod owner_account;
mod owner_account_concurrency;
mod pairs;
mod suspension;
mod transitions;
mod update;

use domain::{ErrorCode, Problem, TenantStatus, idempotency_key::IdempotencyKey, outcome::Provisioned};
use engine::{
    Error,
    access::{Actor, Employee},
    provisioning::ProvisionRequest,
};
use serde_json::json;
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::TestDatabase,
};
use uuid::Uuid;

const SLUG: &str = "golden-spoon";

/// A database with one active tenant, and the admin who provisioned it.
async fn new_tenant() -> (TestDatabase, Actor, Provisioned) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft(SLUG))).await);
    (db, admin.into(), provisioned)
}

/// A database with one tenant without an owner.
async fn new_tenant_without_owner() -> (TestDatabase, Actor, Provisioned) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = provision_without_owner(&db, &admin).await;
    (db, admin.into(), provisioned)
}

async fn provision_without_owner(db: &TestDatabase, admin: &Employee) -> Provisioned {
    provision_slug_without_owner(db, admin, SLUG).await
}

async fn provision_slug_without_owner(db: &TestDatabase, admin: &Employee, slug: &str) -> Provisioned {
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let request = ProvisionRequest::from_json(key, &json!({ "slug": slug, "name": "Golden Spoon" }));
    assert_created(db.provision(admin, &request).await)
}

/// Asserts that a call was refused because of the tenant's status, and returns the rule.
#[track_caller]
fn refused_rule<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let Problem { errors, .. } = assert_error(result, ErrorCode::InvalidTransition);
    assert_eq!(errors[0].field, "status");
    errors[0].rule.clone()
}

async fn status(db: &TestDatabase) -> TenantStatus {
    TenantStatus::from_text(&db.text("SELECT status FROM tenants").await).unwrap()
}

/// The audit entries about the tenant after its provisioning: action, actor, before and after.
async fn audited(db: &TestDatabase) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT concat_ws(' ', a.action, a.before, a.after) FROM audit_log a
         JOIN tenants t ON t.id = a.subject_id AND t.request_id = a.request_id
         WHERE a.action <> 'tenant.provisioned' ORDER BY a.id",
    )
    .fetch_all(&db.pool)
    .await
    .unwrap()
}
