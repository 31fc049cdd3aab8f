//! A key whose call still runs: it is waited for, 2 s at most, and then told.

use std::time::Instant;

use domain::ErrorCode;
use engine::{access::Principal, provisioning::ProvisionRequest};
use sqlx::{Postgres, Transaction};

use crate::support::{TestDatabase, created, draft, order, refused, replayed};

/// Begins a call with the key of `order` that goes on until the transaction ends.
async fn run_elsewhere(
    db: &TestDatabase,
    admin: &Principal,
    order: &ProvisionRequest,
) -> Transaction<'static, Postgres> {
    let mut running = db.pool.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name, owner_email)
         VALUES (gen_random_uuid(), $1, $2, 'processing', '{}', 's', 'n', 'e')",
    )
    .bind(admin.employee_id)
    .bind(order.key.uuid())
    .execute(&mut *running)
    .await
    .unwrap();
    running
}

#[tokio::test]
async fn a_key_that_is_still_running_is_waited_for_and_then_told() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let order = order(draft("golden-spoon"));
    let running = run_elsewhere(&db, &admin, &order).await;

    let asked = Instant::now();
    let problem = refused(db.provision(&admin, &order).await, ErrorCode::RequestInProgress);
    let waited = asked.elapsed().as_secs_f64();
    assert!((1.9..3.5).contains(&waited), "{waited} s");
    assert_eq!(problem.retry_after_seconds(), Some(1));

    // It ends with nothing made, as when its process was killed: the key is free again.
    running.rollback().await.unwrap();
    created(db.provision(&admin, &order).await);
    db.assert_tenants(1).await;
}

#[tokio::test]
async fn a_running_key_with_an_invalid_payload_is_in_progress_within_two_seconds() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let invalid = order(draft("-bad"));
    let running = run_elsewhere(&db, &admin, &invalid).await;
    let asked = Instant::now();
    let problem = refused(db.provision(&admin, &invalid).await, ErrorCode::RequestInProgress);
    let waited = asked.elapsed().as_secs_f64();
    assert!((1.9..3.5).contains(&waited), "{waited} s");
    assert_eq!((problem.retry_after_seconds(), problem.errors), (Some(1), Vec::new()));

    // A request that says it is running, though nobody holds its row, is told at once.
    running.commit().await.unwrap();
    let asked = Instant::now();
    let problem = refused(db.provision(&admin, &invalid).await, ErrorCode::RequestInProgress);
    assert!(problem.request_id.is_some());
    assert!(asked.elapsed().as_secs_f64() < 1.0);
    assert_eq!(db.text("SELECT status || attempt FROM provisioning_requests").await, "processing1");
    db.assert_tenants(0).await;
}

#[tokio::test]
async fn a_finished_request_whose_row_is_locked_is_waited_for_too() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let order = order(draft("golden-spoon"));
    created(db.provision(&admin, &order).await);
    let mut holder = db.pool.begin().await.unwrap();
    sqlx::query("SELECT FROM provisioning_requests FOR UPDATE").execute(&mut *holder).await.unwrap();
    refused(db.provision(&admin, &order).await, ErrorCode::RequestInProgress);
    holder.rollback().await.unwrap();
    replayed(db.provision(&admin, &order).await);
}
