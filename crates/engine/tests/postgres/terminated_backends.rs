//! Backends that end while busy or idle. The engine reconnects, and a tenant is complete or does not exist.

use std::{process::Command, time::Duration};

use domain::{ErrorCode, paths::RequestKind, slug::Slug};
use engine::{
    access::find_session,
    provisioning::{ProvisionOutcome, check_slug, provision},
};

use test_support::{
    insert_gate::InsertGate,
    requests::{assert_created, assert_error, assert_replayed, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_backend_is_terminated_creates_one_complete_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let gate = InsertGate::close(&db).await;
    let (engine, request) = (db.engine.clone(), provision_request(draft("golden-spoon")));
    let call = tokio::spawn(async move { provision(&engine, &admin, request, ORIGIN).await });
    gate.terminate_blocked_backends(&db).await;
    gate.open().await;
    assert_created(call.await.unwrap());
    db.assert_complete_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_backends_are_all_terminated_leaves_no_rows_and_can_be_retried() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let gate = InsertGate::close(&db).await;
    let request = provision_request(draft("golden-spoon"));
    let call = tokio::spawn({
        let (engine, admin, request) = (db.engine.clone(), admin.clone(), request.clone());
        async move { provision(&engine, &admin, request, ORIGIN).await }
    });
    // The first call and its three retries.
    for _ in 0..4 {
        gate.terminate_blocked_backends(&db).await;
    }
    let problem = assert_error(call.await.unwrap(), ErrorCode::DatabaseUnavailable);
    assert_eq!(problem.retry_after_seconds(), Some(2));
    db.assert_complete_tenants(0).await;
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 0);

    gate.open().await;
    assert_created(db.provision(&admin, &request).await);
    db.assert_complete_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_backend_is_killed_leaves_no_partial_tenant() {
    let db = TestDatabase::in_dedicated_cluster().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    let gate = InsertGate::close(&db).await;
    let request = provision_request(draft("golden-spoon"));
    let call = tokio::spawn({
        let (engine, admin, request) = (db.engine.clone(), admin.clone(), request.clone());
        async move { provision(&engine, &admin, request, ORIGIN).await }
    });
    // PostgreSQL ends all other backends too, including the one that holds the gate, and recovers.
    let backend = gate.wait_for_blocked_backend(&db).await.to_string();
    let killed = Command::new("kill").args(["-9", &backend]).status().unwrap();
    assert!(killed.success());

    let result = call.await.unwrap();
    drop(gate);
    wait_until_connections_count_as_idle().await;
    db.wait_until_available().await;
    match result {
        Ok(outcome) => db.assert_secret_is_stored(&assert_created(Ok(outcome))).await,
        Err(error) => assert_eq!(error.problem().code, ErrorCode::DatabaseUnavailable),
    }
    let provisioned = match db.provision(&admin, &request).await.unwrap() {
        ProvisionOutcome::Created(provisioned) | ProvisionOutcome::Replayed(provisioned) => provisioned,
    };
    assert_eq!(provisioned.tenant.slug.as_str(), "golden-spoon");
    db.assert_complete_tenants(2).await;
    assert_eq!(assert_replayed(db.provision(&admin, &request).await), provisioned.replayed());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_ended_while_idle_are_replaced_without_an_error() {
    let db = TestDatabase::new().await;
    let engine = db.engine_at(db.options(), 4).await;
    let slug = Slug::parse("golden-spoon").unwrap();
    // Opens and uses all four connections.
    let check = || async { check_slug(&engine, &slug, None).await.map(|found| found.available) };
    let all = tokio::join!(check(), check(), check(), check());
    assert!(matches!(all, (Ok(true), Ok(true), Ok(true), Ok(true))));
    let terminated = db
        .number(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'tenantry' AND pid <> pg_backend_pid()",
        )
        .await;
    assert!(terminated >= 4, "{terminated}");
    wait_until_connections_count_as_idle().await;

    for _ in 0..4 {
        assert!(find_session(&engine, "nobody", RequestKind::User).await.unwrap().is_none());
        assert!(check().await.unwrap());
    }
}

/// Waits until every connection was idle for more than 1 s. The engine tests such a connection before use.
async fn wait_until_connections_count_as_idle() {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}
