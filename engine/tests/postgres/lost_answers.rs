//! Connections that break: the engine finds out what happened by the key, never by guessing.

use std::time::{Duration, Instant};

use domain::ErrorCode;
use engine::{Engine, provisioning::provision};
use sqlx::PgConnection;

use crate::support::{Cut, ORIGIN, Proxy, TestDatabase, created, draft, order, refused, replayed, sha256};

async fn warm(db: &TestDatabase, wire: &Proxy) -> Engine {
    let engine = db.engine_at(wire.options(), 1).await;
    let admin = db.admin().await;
    created(provision(&engine, &admin, order(draft("warm-up")), ORIGIN).await);
    engine
}

#[tokio::test]
async fn an_answer_lost_after_the_commit_is_found_again_with_the_right_secret() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let wire = Proxy::new(db.options());
    let engine = warm(&db, &wire).await;

    wire.cut_once(Cut::AfterAnswer);
    let order = order(draft("golden-spoon"));
    let made = created(provision(&engine, &admin, order.clone(), ORIGIN).await);
    assert!(wire.was_cut());
    let stored: Vec<u8> = sqlx::query_scalar("SELECT secret_hash FROM api_keys WHERE tenant_id = $1")
        .bind(made.tenant.id)
        .fetch_one(&db.pool)
        .await
        .unwrap();
    assert_eq!(stored, sha256(made.secret_key.as_deref().unwrap()));
    let link = made.owner.invitation_url.clone().unwrap();
    engine::access::open_invitation(&engine, link.rsplit_once('/').unwrap().1).await.unwrap();
    assert_eq!(
        db.number("SELECT attempt::bigint FROM provisioning_requests WHERE slug = 'golden-spoon'").await,
        1
    );
    db.assert_tenants(2).await;
    assert_eq!(replayed(provision(&engine, &admin, order, ORIGIN).await), made.replayed());
}

#[tokio::test]
async fn a_request_that_never_arrived_is_sent_again() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let wire = Proxy::new(db.options());
    let engine = warm(&db, &wire).await;
    wire.cut_once(Cut::BeforeRequest);
    created(provision(&engine, &admin, order(draft("golden-spoon")), ORIGIN).await);
    assert!(wire.was_cut());
    db.assert_tenants(2).await;
}

#[tokio::test]
async fn a_stopped_database_is_told_within_seconds_and_used_again_by_itself() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut wire = Proxy::new(db.options());
    let engine = warm(&db, &wire).await;
    let order = order(draft("golden-spoon"));

    wire.stop().await;
    let asked = Instant::now();
    let problem =
        refused(provision(&engine, &admin, order.clone(), ORIGIN).await, ErrorCode::DatabaseUnavailable);
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    assert_eq!(problem.retry_after_seconds(), Some(2));

    wire.start();
    created(provision(&engine, &admin, order, ORIGIN).await);
    db.assert_tenants(2).await;
}

/// The advisory lock that the trap waits for.
const GATE: i64 = 4711;
/// Whether a backend stands at the gate.
const WAITING: &str =
    "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";

/// Ends every backend that stands at the gate, once there is one.
async fn terminate_waiting(db: &TestDatabase) {
    db.wait_until(WAITING).await;
    db.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        .await;
}

/// Closes the gate in the middle of the core.
async fn close_gate(db: &TestDatabase, keeper: &mut PgConnection) {
    sqlx::query("SELECT pg_advisory_lock($1)").bind(GATE).execute(keeper).await.unwrap();
    db.set_trap("packages", &format!("PERFORM pg_advisory_xact_lock({GATE})")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_terminated_in_the_middle_is_replaced_and_makes_one_whole_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut keeper = db.pool.acquire().await.unwrap();
    close_gate(&db, &mut keeper).await;
    let (engine, order) = (db.engine.clone(), order(draft("golden-spoon")));
    let call = tokio::spawn(async move { provision(&engine, &admin, order, ORIGIN).await });
    terminate_waiting(&db).await;
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(GATE).execute(&mut *keeper).await.unwrap();
    created(call.await.unwrap());
    db.assert_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_terminated_each_time_leaves_nothing_and_the_key_works_afterwards() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut keeper = db.pool.acquire().await.unwrap();
    close_gate(&db, &mut keeper).await;
    let order = order(draft("golden-spoon"));
    let call = tokio::spawn({
        let (engine, admin, order) = (db.engine.clone(), admin.clone(), order.clone());
        async move { provision(&engine, &admin, order, ORIGIN).await }
    });
    // The first call and its three repeats.
    for _ in 0..4 {
        terminate_waiting(&db).await;
    }
    let problem = refused(call.await.unwrap(), ErrorCode::DatabaseUnavailable);
    assert_eq!(problem.retry_after_seconds(), Some(2));
    db.assert_tenants(0).await;
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 0);

    sqlx::query("SELECT pg_advisory_unlock($1)").bind(GATE).execute(&mut *keeper).await.unwrap();
    created(db.provision(&admin, &order).await);
    db.assert_tenants(1).await;
}
