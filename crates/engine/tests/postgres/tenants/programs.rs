//! Calls of a tenant's programs: concurrent ones, through a pooler, and with a restricted database role.

use database::Servers;
use domain::{
    ErrorCode,
    api_key::ApiKey,
    catalog::{PackageNumbers, SentPackage},
    field::Parsed,
    idempotency_key::IdempotencyKey,
    outcome::Provisioned,
    settings::TenantSettings,
};
use engine::{
    Engine, Error, MasterKey,
    access::Actor,
    pipeline::{MaintenanceTimeouts, run_maintenance},
    provisioning::{find_request, provision},
    tenants::{
        NewKey, PackageCreation, Precondition, TenantCaller, create_key, create_package, find_settings,
        list_packages, replace_settings, rotate_key,
    },
};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{SLUG, new_tenant};
use test_support::{
    pgbouncer::PgBouncer,
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{MASTER_KEY, ORIGIN, TestDatabase},
};

fn program(provisioned: &Provisioned) -> TenantCaller {
    TenantCaller::Key(ApiKey::parse(provisioned.secret_key.as_ref().unwrap()).unwrap())
}

fn renamed(settings: &TenantSettings, name: &str) -> Parsed<TenantSettings> {
    let value = Some(TenantSettings { company_name: name.into(), ..settings.clone() });
    Parsed { value, problems: Vec::new() }
}

fn new_idempotency_key() -> IdempotencyKey {
    IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap()
}

async fn create(engine: &Engine, by: &TenantCaller, key: &IdempotencyKey) -> Result<bool, Error> {
    let body = json!({ "name": "Cruise", "basePrice": 1 });
    let numbers = PackageNumbers { base_price: Some(1), ..PackageNumbers::default() };
    let package = SentPackage::parse(|name| (name == "name").then(|| "Cruise".into()), numbers);
    let creation = PackageCreation { package, slug: None, idempotency_key: key, body: &body };
    create_package(engine, by, creation).await.map(|(_, is_replay)| is_replay)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_changes_of_one_version_only_the_first_succeeds() {
    let (db, _, provisioned) = new_tenant().await;
    let program = program(&provisioned);
    let read = find_settings(&db.engine, &program).await.unwrap();
    let mut calls = JoinSet::new();
    for n in 0..6 {
        let (engine, settings) = (db.engine.clone(), renamed(&read.value, &format!("Name {n}")));
        let caller = match n % 2 {
            0 => program.clone(),
            _ => TenantCaller::Actor { actor: Actor::Operator, tenant: SLUG.into() },
        };
        let precondition = Precondition::OneOf(vec![read.etag.clone()]);
        calls.spawn(async move { replace_settings(&engine, &caller, &precondition, settings).await });
    }
    let (replaced, refused): (Vec<_>, Vec<_>) = calls.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((replaced.len(), refused.len()), (1, 5));
    for refused in refused {
        assert_error(refused, ErrorCode::PreconditionFailed);
    }
    let stored = find_settings(&db.engine, &program).await.unwrap();
    assert_eq!(stored, replaced.into_iter().next().unwrap().unwrap());
    assert_eq!(db.number("SELECT count(*) FROM audit_log WHERE action = 'settings.changed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_with_one_idempotency_key_create_one_package() {
    let (db, _, provisioned) = new_tenant().await;
    let key = new_idempotency_key();
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let (engine, program, key) = (db.engine.clone(), program(&provisioned), key.clone());
        calls.spawn(async move { create(&engine, &program, &key).await.unwrap() });
    }
    assert_eq!(calls.join_all().await.into_iter().filter(|is_replay| !is_replay).count(), 1);
    assert_eq!(list_packages(&db.engine, &program(&provisioned)).await.unwrap().len(), 4);

    // Maintenance forgets the call after seven days.
    db.run("UPDATE tenant_calls SET created_at = now() - interval '6 days'").await;
    run_maintenance(&db.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM tenant_calls").await, 1);
    db.run("UPDATE tenant_calls SET created_at = now() - interval '8 days'").await;
    run_maintenance(&db.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM tenant_calls").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_waited_for_a_suspension_is_refused() {
    let (db, _, provisioned) = new_tenant().await;
    let program = program(&provisioned);
    let read = find_settings(&db.engine, &program).await.unwrap();
    let mut suspension = db.pool.begin().await.unwrap();
    sqlx::raw_sql("UPDATE tenants SET status = 'suspended', suspension_reason = 'a test'")
        .execute(&mut *suspension)
        .await
        .unwrap();
    let (engine, caller, settings) = (db.engine.clone(), program.clone(), renamed(&read.value, "Late"));
    let change =
        tokio::spawn(async move { replace_settings(&engine, &caller, &Precondition::Any, settings).await });
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
    suspension.commit().await.unwrap();
    assert_error(change.await.unwrap(), ErrorCode::TenantSuspended);
    db.run("UPDATE tenants SET status = 'active'").await;
    assert_eq!(find_settings(&db.engine, &program).await.unwrap(), read);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_and_provisioning_share_the_connections_of_a_pooler() {
    let (db, admin, one) = new_tenant().await;
    let two = assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    let pooler = PgBouncer::start(&db.url(), 2, "");
    let servers: Servers = pooler.url(db.name()).parse().unwrap();
    let servers = servers.with_direct_servers(db.url().parse::<Servers>().unwrap());
    let engine = Engine::new(servers, 4, 2, MasterKey::new(MASTER_KEY));
    engine.check_schema().await.unwrap();
    let mut calls = JoinSet::new();
    for n in 0..24 {
        let (engine, admin) = (engine.clone(), admin.clone());
        let tenant = if n % 2 == 0 { &one } else { &two };
        let (caller, name) = (program(tenant), tenant.tenant.name.clone());
        calls.spawn(async move {
            if n % 3 == 0 {
                let request = provision_request(draft(&format!("more-{n}")));
                assert_created(provision(&engine, &admin, request, ORIGIN).await);
                // A refused call returns its connection without the role.
                let unknown = TenantCaller::Key(ApiKey::parse(UNKNOWN_KEY).unwrap());
                assert_error(find_settings(&engine, &unknown).await, ErrorCode::Unauthenticated);
            }
            let read = find_settings(&engine, &caller).await.unwrap();
            assert_eq!(read.value.company_name, name);
            assert_eq!(list_packages(&engine, &caller).await.unwrap().len(), 3);
        });
    }
    calls.join_all().await;
    db.assert_invariants().await;
}

/// A well-formed secret key that belongs to no tenant.
const UNKNOWN_KEY: &str = "sk_live_golden-spoon_00000000000000000000000000000000007ZCyY";

#[tokio::test]
async fn a_database_role_without_the_membership_refuses_only_the_calls_of_programs() {
    let db = TestDatabase::in_dedicated_cluster().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft(SLUG))).await);
    db.run(
        "CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT USAGE ON SCHEMA tenantry TO clerk;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenantry TO clerk;
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA tenantry TO clerk",
    )
    .await;
    let engine = db.engine_at(db.options().username("clerk").password("clerk"), 1).await;
    let refused = find_settings(&engine, &program(&provisioned)).await.unwrap_err();
    assert!(format!("{refused:?}").contains("GRANT tenantry_server TO clerk;"), "{refused:?}");
    assert_error(Err::<(), _>(refused), ErrorCode::SchemaOutOfDate);
    let by_admin = TenantCaller::Actor { actor: admin.into(), tenant: SLUG.into() };
    let settings = find_settings(&engine, &by_admin).await.unwrap();

    db.run("GRANT tenantry_server TO clerk").await;
    assert_eq!(find_settings(&engine, &program(&provisioned)).await.unwrap(), settings);
    assert_eq!(find_settings(&engine, &by_admin).await.unwrap(), settings);
    engine.close().await;
}

#[tokio::test]
async fn the_page_of_a_request_has_the_key_of_the_provisioning_when_others_are_newer() {
    let (db, _, provisioned) = new_tenant().await;
    let current = async || find_request(&db.engine, provisioned.request_id).await.unwrap().access.unwrap();
    let new = NewKey { name: "Website".into(), idempotency_key: None };
    create_key(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), &new).await.unwrap();
    let default = current().await;
    assert_eq!(default.public_key, provisioned.tenant.api_key_public);
    let rotation = engine::tenants::Rotation {
        key_id: default.key_id.parse().ok(),
        ..engine::tenants::Rotation::default()
    };
    let rotated =
        rotate_key(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), &rotation).await.unwrap();
    assert_eq!(current().await.public_key, rotated.key.public_key);
}
