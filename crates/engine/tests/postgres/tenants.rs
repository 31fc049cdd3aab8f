//! API keys and invitations of a tenant that are replaced or revoked.

mod invitations;
mod keys;

use domain::outcome::Provisioned;
use engine::access::Employee;

use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
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
