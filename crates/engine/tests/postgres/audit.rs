//! The audit log and its hash chain (docs/AUDIT.md).

mod chain;
mod list;
mod reads;
mod tampering;
mod verification;

use engine::{
    access::{Actor, Employee},
    audit::{AuditFinding, AuditVerification, SignedHead, append_new_entries, sign_head, verify_audit_log},
    tenants::{resume_tenant, suspend_tenant},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use test_support::{
    requests::{assert_error, draft, provision_request},
    test_database::TestDatabase,
    wait::wait_for_value,
};

/// A database with a tenant, whose audit log has `entries` entries that are all in the chain.
async fn chained_log(entries: usize) -> (TestDatabase, Employee) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.provision(&admin, &provision_request(draft("golden-spoon"))).await.unwrap();
    for number in 1..entries {
        change(&db, &admin, number).await;
    }
    assert_eq!(append_new_entries(&db.engine).await.unwrap(), entries);
    (db, admin)
}

/// Makes a change of the tenant that adds one entry.
async fn change(db: &TestDatabase, admin: &Employee, number: usize) {
    let actor = Actor::from(admin.clone());
    match number % 2 {
        1 => {
            suspend_tenant(&db.engine, &actor, "golden-spoon", &format!("Invoice {number} is overdue")).await
        }
        _ => resume_tenant(&db.engine, &actor, "golden-spoon").await,
    }
    .unwrap();
}

/// Runs statements as a superuser without triggers.
async fn tamper(db: &TestDatabase, sql: &str) {
    let options = database::with_session(db.cluster().superuser_options(db.name()));
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    let sql = format!("SET session_replication_role = replica; {sql}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn verify(db: &TestDatabase, head: Option<&SignedHead>) -> AuditVerification {
    verify_audit_log(&db.engine, head).await.unwrap()
}

/// The signed head, which a server keeps outside the database.
async fn head(db: &TestDatabase) -> SignedHead {
    sign_head(&db.engine).await.unwrap().unwrap()
}

/// Appends new entries until the IDs up to `id` are settled. Transactions of other tests can delay that.
async fn settle(db: &TestDatabase, id: i64) {
    wait_for_value("settled entries", async || {
        append_new_entries(&db.engine).await.unwrap();
        let settled = db.number("SELECT settled_id FROM audit_chain_progress").await;
        (settled >= id).then_some(())
    })
    .await;
}

fn texts(findings: &[AuditFinding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}
