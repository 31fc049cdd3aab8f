//! Connections that break during a call. The engine retries the call with the same idempotency key.

use std::{collections::BTreeSet, time::Duration};

use domain::ErrorCode;
use engine::{Engine, provisioning::provision};

use test_support::{
    captured_log::CapturedLog,
    fault_proxy::{Fault, FaultProxy, Matcher},
    insert_gate::InsertGate,
    requests::{assert_created, assert_error, assert_replayed, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
    wait::{assert_faster_than, wait_for_value},
};

/// Returns an engine that connects through the proxy. Provisions a warm-up tenant, so that the statement is
/// already prepared when a fault is injected.
async fn engine_with_prepared_statements(db: &TestDatabase, proxy: &FaultProxy) -> Engine {
    let engine = db.engine_at(proxy.options(), 1).await;
    let admin = db.admin().await;
    assert_created(provision(&engine, &admin, provision_request(draft("warm-up")), ORIGIN).await);
    engine
}

#[tokio::test]
async fn a_response_lost_after_the_commit_is_recovered_with_its_secret() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let proxy = FaultProxy::new(db.options());
    let engine = engine_with_prepared_statements(&db, &proxy).await;

    proxy.inject(Matcher::NextExecution, Fault::LoseResponse);
    let request = provision_request(draft("golden-spoon"));
    let provisioned = assert_created(provision(&engine, &admin, request.clone(), ORIGIN).await);
    assert!(proxy.has_triggered());
    db.assert_secret_is_stored(&provisioned).await;
    let link = provisioned.owner.clone().unwrap().invitation_url.unwrap();
    engine::access::find_invitation(&engine, link.rsplit_once('/').unwrap().1).await.unwrap();
    assert_eq!(
        db.number("SELECT attempt::bigint FROM provisioning_requests WHERE slug = 'golden-spoon'").await,
        1
    );
    db.assert_complete_tenants(2).await;
    assert_eq!(assert_replayed(provision(&engine, &admin, request, ORIGIN).await), provisioned.replayed());
}

#[tokio::test]
async fn a_retried_call_logs_one_line() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let proxy = FaultProxy::new(db.options());
    let engine = engine_with_prepared_statements(&db, &proxy).await;
    let (log, _guard) = CapturedLog::start();
    proxy.inject(Matcher::NextExecution, Fault::LoseResponse);
    assert_created(provision(&engine, &admin, provision_request(draft("golden-spoon")), ORIGIN).await);
    assert!(proxy.has_triggered());
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let fields = &lines[0]["fields"];
    assert_eq!(fields["message"], "retried the provisioning call");
    assert_eq!((&fields["retries"], &fields["cause"]), (&1.into(), &"DATABASE_UNAVAILABLE".into()));
}

#[tokio::test]
async fn a_request_lost_on_its_way_to_the_database_is_sent_again() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let proxy = FaultProxy::new(db.options());
    let engine = engine_with_prepared_statements(&db, &proxy).await;
    proxy.inject(Matcher::NextExecution, Fault::DropRequest);
    assert_created(provision(&engine, &admin, provision_request(draft("golden-spoon")), ORIGIN).await);
    assert!(proxy.has_triggered());
    db.assert_complete_tenants(2).await;
}

#[tokio::test]
async fn a_stopped_database_is_reported_as_unavailable_within_seconds_and_reconnected_automatically() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let proxy = FaultProxy::new(db.options());
    let engine = engine_with_prepared_statements(&db, &proxy).await;
    let request = provision_request(draft("golden-spoon"));

    proxy.refuse_connections().await;
    assert_faster_than("the response DATABASE_UNAVAILABLE", Duration::from_secs(8), async || {
        let result = provision(&engine, &admin, request.clone(), ORIGIN).await;
        let problem = assert_error(result, ErrorCode::DatabaseUnavailable);
        assert_eq!(problem.retry_after_seconds(), Some(2));
    })
    .await;

    proxy.accept_connections();
    assert_created(provision(&engine, &admin, request, ORIGIN).await);
    db.assert_complete_tenants(2).await;
}

/// Returns the start time of a retry that waits until the original call releases the idempotency key, or an
/// empty text. The insert gate uses the lock 4711.
const WAITING_RETRY: &str = "SELECT coalesce(max(a.query_start::text), '')
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE a.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted AND l.objid <> 4711";

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_call_waits_for_the_original_transaction_and_returns_its_secret() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let proxy = FaultProxy::new(db.options());
    let engine = engine_with_prepared_statements(&db, &proxy).await;
    // In the second round the gate opens after the first retry has given up waiting.
    for (expected_tenants, (slug, retries)) in (2..).zip([("golden-spoon", 1), ("silver-spoon", 2)]) {
        let gate = InsertGate::close(&db).await;
        let request = provision_request(draft(slug));
        let call = tokio::spawn({
            let (engine, admin, request) = (engine.clone(), admin.clone(), request.clone());
            async move { provision(&engine, &admin, request, ORIGIN).await }
        });
        gate.wait_for_blocked_backend(&db).await;
        proxy.break_connections().await;
        let mut seen = BTreeSet::new();
        wait_for_value(&format!("retry {retries} to wait"), async || {
            seen.insert(db.text(WAITING_RETRY).await);
            seen.remove("");
            (seen.len() >= retries).then_some(())
        })
        .await;
        gate.open().await;

        let provisioned = assert_created(call.await.unwrap());
        db.assert_secret_is_stored(&provisioned).await;
        assert_eq!(db.number("SELECT max(attempt)::bigint FROM provisioning_requests").await, 1);
        db.assert_complete_tenants(expected_tenants).await;
        assert_eq!(
            assert_replayed(provision(&engine, &admin, request, ORIGIN).await),
            provisioned.replayed()
        );
    }
}
