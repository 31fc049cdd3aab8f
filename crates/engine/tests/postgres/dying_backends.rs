//! Backends that die, at work and idle: a whole tenant or none, and the engine goes on by itself.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use domain::{ErrorCode, slug::Slug};
use engine::{
    access::{AskedBy, find_session},
    provisioning::{Answer, check_slug, provision},
};

use crate::support::{Gate, ORIGIN, TestDatabase, created, draft, order, refused, replayed};

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_terminated_in_the_middle_is_replaced_and_makes_one_whole_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let gate = Gate::close(&db).await;
    let (engine, order) = (db.engine.clone(), order(draft("golden-spoon")));
    let call = tokio::spawn(async move { provision(&engine, &admin, order, ORIGIN).await });
    gate.terminate_standing(&db).await;
    gate.open().await;
    created(call.await.unwrap());
    db.assert_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_terminated_each_time_leaves_nothing_and_the_key_works_afterwards() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let gate = Gate::close(&db).await;
    let order = order(draft("golden-spoon"));
    let call = tokio::spawn({
        let (engine, admin, order) = (db.engine.clone(), admin.clone(), order.clone());
        async move { provision(&engine, &admin, order, ORIGIN).await }
    });
    // The first call and its three repeats.
    for _ in 0..4 {
        gate.terminate_standing(&db).await;
    }
    let problem = refused(call.await.unwrap(), ErrorCode::DatabaseUnavailable);
    assert_eq!(problem.retry_after_seconds(), Some(2));
    db.assert_tenants(0).await;
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 0);

    gate.open().await;
    created(db.provision(&admin, &order).await);
    db.assert_tenants(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_killed_in_the_middle_leaves_nothing_half_made_and_the_engine_recovers() {
    let db = TestDatabase::on_its_own_server().await;
    let admin = db.admin().await;
    created(db.provision(&admin, &order(draft("silver-spoon"))).await);
    let gate = Gate::close(&db).await;
    let order = order(draft("golden-spoon"));
    let call = tokio::spawn({
        let (engine, admin, order) = (db.engine.clone(), admin.clone(), order.clone());
        async move { provision(&engine, &admin, order, ORIGIN).await }
    });
    // PostgreSQL ends every other backend too, the gate's keeper among them, and recovers.
    let backend = gate.standing(&db).await.to_string();
    let killed = Command::new("kill").args(["-9", &backend]).status().unwrap();
    assert!(killed.success());

    let answer = call.await.unwrap();
    drop(gate);
    // The connections with which this test looks are dead too, which is noticed after a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    match answer {
        Ok(answer) => db.assert_secret_is_stored(&created(Ok(answer))).await,
        Err(error) => assert_eq!(error.problem().code, ErrorCode::DatabaseUnavailable),
    }
    let made = match db.provision(&admin, &order).await.unwrap() {
        Answer::Created(made) | Answer::Replayed(made) => made,
    };
    assert_eq!(made.tenant.slug.as_str(), "golden-spoon");
    db.assert_tenants(2).await;
    assert_eq!(replayed(db.provision(&admin, &order).await), made.replayed());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_died_while_idle_are_replaced_without_an_error() {
    let db = TestDatabase::new().await;
    let engine = db.engine_at(db.options(), 4).await;
    let slug = Slug::parse("golden-spoon").unwrap();
    // Each of the four connections is opened and used.
    let ask = || async { check_slug(&engine, &slug, None).await.map(|found| found.available) };
    let all = tokio::join!(ask(), ask(), ask(), ask());
    assert!(matches!(all, (Ok(true), Ok(true), Ok(true), Ok(true))));
    let ended = db
        .number(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'tenantry' AND pid <> pg_backend_pid()",
        )
        .await;
    assert!(ended >= 4, "{ended}");
    tokio::time::sleep(Duration::from_millis(1_200)).await;

    let asked = Instant::now();
    for _ in 0..4 {
        assert!(find_session(&engine, "nobody", AskedBy::Person).await.unwrap().is_none());
        assert!(ask().await.unwrap());
    }
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}
