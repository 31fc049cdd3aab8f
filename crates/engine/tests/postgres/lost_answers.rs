//! Connections that break: the engine finds out what happened by the key, never by guessing.

use std::time::{Duration, Instant};

use domain::ErrorCode;
use engine::{Engine, provisioning::provision};

use crate::support::{Cut, Gate, ORIGIN, Proxy, TestDatabase, created, draft, order, refused, replayed};

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
    db.assert_secret_is_stored(&made).await;
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

/// Whether a call waits for another one with its key.
const WAITING_FOR_KEY: &str = "EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'transactionid')";

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_connection_broke_while_it_ran_waits_for_itself_and_tells_the_secret() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut wire = Proxy::new(db.options());
    let engine = warm(&db, &wire).await;
    // The second time the gate opens only after the first repeat has given up waiting.
    for (number, (slug, patience)) in (2..).zip([("golden-spoon", 0), ("silver-spoon", 2_300)]) {
        let gate = Gate::close(&db).await;
        let order = order(draft(slug));
        let call = tokio::spawn({
            let (engine, admin, order) = (engine.clone(), admin.clone(), order.clone());
            async move { provision(&engine, &admin, order, ORIGIN).await }
        });
        gate.standing(&db).await;
        wire.break_connections().await;
        db.wait_until(WAITING_FOR_KEY).await;
        tokio::time::sleep(Duration::from_millis(patience)).await;
        db.wait_until(WAITING_FOR_KEY).await;
        gate.open().await;

        let made = created(call.await.unwrap());
        db.assert_secret_is_stored(&made).await;
        assert_eq!(db.number("SELECT max(attempt)::bigint FROM provisioning_requests").await, 1);
        db.assert_tenants(number).await;
        assert_eq!(replayed(provision(&engine, &admin, order, ORIGIN).await), made.replayed());
    }
}
