//! The engine through a real PgBouncer in transaction mode, which has fewer connections than the engine.

use database::Servers;
use engine::{
    Engine, MasterKey,
    provisioning::{ProvisionOutcome, provision},
};
use test_support::{
    pgbouncer::PgBouncer,
    requests::{draft, provision_request},
    test_database::{MASTER_KEY, ORIGIN, TestDatabase},
};
use tokio::task::JoinSet;

use crate::access::sign_in_new_admin;

/// An engine that connects to a database through a pooler.
fn engine_through(pooler: &PgBouncer, db: &TestDatabase) -> Engine {
    let servers: Servers = pooler.url(db.name()).parse().unwrap();
    new_engine(servers.with_direct_servers(db.url().parse().unwrap()))
}

fn new_engine(servers: Servers) -> Engine {
    Engine::new(servers, 8, 2, MasterKey::new(MASTER_KEY))
}

#[tokio::test]
async fn behind_a_pooler_every_table_is_created_in_the_schema_tenantry() {
    let db = TestDatabase::empty().await;
    let pooler = PgBouncer::start(&db.url(), 2, "ignore_startup_parameters = extra_float_digits,options");
    let without_direct_url = pooler.url(db.name()).parse::<Servers>().unwrap();
    let refused = new_engine(without_direct_url).migrate().await.unwrap_err();
    assert!(refused.is_database_misconfigured(), "{refused:?}");
    let schemas =
        "SELECT coalesce(string_agg(DISTINCT relnamespace::regnamespace::text, ' '), 'none') FROM pg_class
                   WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'";
    assert_eq!(db.text(schemas).await, "none");

    engine_through(&pooler, &db).migrate().await.unwrap();
    assert_eq!(db.text(schemas).await, "tenantry");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_through_a_pooler_create_each_tenant_once() {
    let db = TestDatabase::new().await;
    let pooler = PgBouncer::start(&db.url(), 3, "");
    let engine = engine_through(&pooler, &db);
    engine.check_schema().await.unwrap();
    let admin = db.admin().await;
    let requests: Vec<_> =
        (0..12).map(|number| provision_request(draft(&format!("tenant-{number}")))).collect();
    let mut calls = JoinSet::new();
    for request in requests.iter().chain(&requests).cloned() {
        let (engine, admin) = (engine.clone(), admin.clone());
        calls.spawn(async move { provision(&engine, &admin, request, ORIGIN).await });
    }
    let outcomes = calls.join_all().await;
    let created = outcomes.iter().filter(|outcome| matches!(outcome, Ok(ProvisionOutcome::Created(_))));
    assert_eq!(created.count(), 12);
    for request in requests {
        provision(&engine, &admin, request, ORIGIN).await.unwrap();
    }
    db.assert_complete_tenants(12).await;
}

#[tokio::test]
async fn an_employee_signs_in_through_a_pooler() {
    let db = TestDatabase::new().await;
    let pooler = PgBouncer::start(&db.url(), 1, "");
    let engine = engine_through(&pooler, &db);
    sign_in_new_admin(&engine).await;
    assert_eq!(db.number("SELECT count(*) FROM sessions").await, 1);
    assert_eq!(engine::integrity::verify(&engine).await.unwrap(), []);
}
