//! Keys whose call is still running. A second call waits up to 2 s.

use std::time::{Duration, Instant};

use domain::{ErrorCode, Problem};
use engine::{
    access::Employee,
    provisioning::{ProvisionRequest, provision},
};
use sqlx::{Postgres, Transaction};

use test_support::{
    requests::{assert_created, assert_error, assert_replayed, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
    wait::assert_faster_than,
};

/// Simulates a call with the key of `request` that runs until the returned transaction ends.
async fn start_call(
    db: &TestDatabase,
    admin: &Employee,
    request: &ProvisionRequest,
) -> Transaction<'static, Postgres> {
    let mut running = db.pool.begin().await.unwrap();
    // The test may hold the transaction for longer than the pool's limit of 10 s.
    let no_limit = "SET LOCAL idle_in_transaction_session_timeout = 0";
    sqlx::query(no_limit).execute(&mut *running).await.unwrap();
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))";
    sqlx::query(lock).bind(request.key.uuid()).execute(&mut *running).await.unwrap();
    sqlx::query(
        "INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name, owner_email)
         VALUES (gen_random_uuid(), $1, $2, 'processing', '{}', 's', 'n', 'e')",
    )
    .bind(admin.id)
    .bind(request.key.uuid())
    .execute(&mut *running)
    .await
    .unwrap();
    running
}

/// Asserts that the call is refused with `REQUEST_IN_PROGRESS`, after waiting for 2 s and not for 4 s.
async fn assert_refused_after_two_seconds(
    db: &TestDatabase,
    admin: &Employee,
    request: &ProvisionRequest,
) -> Problem {
    let mut problem = None;
    assert_faster_than("a refusal after 2 s", Duration::from_millis(3500), async || {
        let start = Instant::now();
        problem = Some(assert_error(db.provision(admin, request).await, ErrorCode::RequestInProgress));
        let waited = start.elapsed();
        assert!(waited > Duration::from_millis(1900), "{waited:?}");
    })
    .await;
    problem.unwrap()
}

#[tokio::test]
async fn a_second_call_with_a_running_key_is_refused_after_two_seconds() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    let running = start_call(&db, &admin, &request).await;

    let problem = assert_refused_after_two_seconds(&db, &admin, &request).await;
    assert_eq!(problem.retry_after_seconds(), Some(1));

    // The other call ends without a tenant, as if its process was killed. The key can be used again.
    running.rollback().await.unwrap();
    assert_created(db.provision(&admin, &request).await);
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn a_second_call_with_an_invalid_payload_is_refused_after_two_seconds() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let invalid = provision_request(draft("-bad"));
    let running = start_call(&db, &admin, &invalid).await;
    let problem = assert_refused_after_two_seconds(&db, &admin, &invalid).await;
    assert_eq!((problem.retry_after_seconds(), problem.errors), (Some(1), Vec::new()));

    // If no call holds the key of a request in `processing`, the next call is refused without waiting.
    running.commit().await.unwrap();
    assert_faster_than("a refusal without waiting", Duration::from_secs(1), async || {
        let problem = assert_error(db.provision(&admin, &invalid).await, ErrorCode::RequestInProgress);
        assert!(problem.request_id.is_some());
    })
    .await;
    assert_eq!(db.text("SELECT status || attempt FROM provisioning_requests").await, "processing1");
    db.assert_complete_tenants(0).await;
}

#[tokio::test]
async fn a_call_is_refused_while_the_row_of_its_finished_request_is_locked() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    assert_created(db.provision(&admin, &request).await);
    let mut holder = db.pool.begin().await.unwrap();
    sqlx::query("SELECT FROM provisioning_requests FOR UPDATE").execute(&mut *holder).await.unwrap();
    assert_error(db.provision(&admin, &request).await, ErrorCode::RequestInProgress);
    holder.rollback().await.unwrap();
    assert_replayed(db.provision(&admin, &request).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_an_earlier_version_completes_without_the_lock_stays_completed() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    let mut earlier_version = db.pool.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO provisioning_requests (id, employee_id, idempotency_key, fingerprint, status, payload, response,
             slug, name, owner_email, tenant_id, tenant_code, finished_at)
         VALUES (gen_random_uuid(), $1, $2, sha256(''), 'completed', '{}', '{}',
             's', 'n', 'e', gen_random_uuid(), 'TEN-00000099', now())",
    )
    .bind(admin.id)
    .bind(request.key.uuid())
    .execute(&mut *earlier_version)
    .await
    .unwrap();
    let call = tokio::spawn({
        let (engine, admin) = (db.engine.clone(), admin.clone());
        async move { provision(&engine, &admin, request, ORIGIN).await }
    });
    let waiting = "EXISTS (SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event = 'transactionid')";
    db.wait_until(waiting).await;
    earlier_version.commit().await.unwrap();
    assert_error(call.await.unwrap(), ErrorCode::DuplicateRequest);
    assert_eq!(db.text("SELECT status || attempt FROM provisioning_requests").await, "completed1");
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 0);
}
