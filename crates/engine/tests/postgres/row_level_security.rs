//! Row level security: what the role `tenantry_tenant` sees, which the transactions of tenants' programs use.

use database::{Database, Pool, Servers, Transaction};
use domain::ErrorCode;
use engine::{Engine, MasterKey, access::Employee};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use test_support::{
    pgbouncer::PgBouncer,
    requests::{assert_created, assert_error, draft, provision_request},
    test_cluster::TestCluster,
    test_database::{MASTER_KEY, TestDatabase},
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// The tables that the role may read.
const READABLE: [&str; 12] = [
    "tenants",
    "memberships",
    "tenant_settings",
    "tenant_branding",
    "segments",
    "packages",
    "api_keys",
    "tenant_resources",
    "tenant_domains",
    "provisioning_requests",
    "provisioning_attempts",
    "audit_log",
];

/// A database with two tenants.
pub(crate) async fn two_tenants() -> (TestDatabase, Employee, [Uuid; 2]) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let [one, two] = [provision(&db, &admin, "one").await, provision(&db, &admin, "two").await];
    db.run(
        "INSERT INTO tenant_resources SELECT id, 'database', code FROM tenants;
         INSERT INTO tenant_domains (id, tenant_id, domain, token)
         SELECT gen_random_uuid(), id, 'shop.example.com', repeat('x', 32) FROM tenants",
    )
    .await;
    (db, admin, [one, two])
}

async fn provision(db: &TestDatabase, admin: &Employee, slug: &str) -> Uuid {
    assert_created(db.provision(admin, &provision_request(draft(slug))).await).tenant.id
}

/// Begins a transaction as the role, with a value of a setting.
pub(crate) async fn begin_as_tenant(pool: &Pool, setting: &str, value: &str) -> Transaction {
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("SELECT set_config($1, $2, true), set_config('role', 'tenantry_tenant', true)")
        .bind(setting)
        .bind(value)
        .execute(&mut transaction)
        .await
        .unwrap();
    transaction
}

async fn number(transaction: &mut Transaction, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(transaction).await.unwrap()
}

async fn rows(transaction: &mut Transaction, table: &str) -> i64 {
    number(transaction, &format!("SELECT count(*) FROM {table}")).await
}

/// The SQLSTATE of a refused statement. Ends the transaction.
async fn refusal(mut transaction: Transaction, sql: &str) -> String {
    let refused = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut transaction).await.unwrap_err();
    refused.as_database_error().unwrap().code().unwrap().into_owned()
}

pub(crate) fn pool(servers: impl Into<Servers>) -> Pool {
    Database::new(servers, 1).pool()
}

#[tokio::test]
async fn without_the_id_of_a_tenant_no_rows_are_visible() {
    let (db, ..) = two_tenants().await;
    let pool = pool(db.options());
    for value in ["", &Uuid::new_v4().to_string()] {
        let mut transaction = begin_as_tenant(&pool, "app.tenant_id", value).await;
        for table in READABLE {
            assert_eq!(rows(&mut transaction, table).await, 0, "{table} {value}");
        }
        transaction.commit().await.unwrap();
    }
    for table in ["tenant_secrets", "one_time_tokens", "users", "employees", "jobs"] {
        let transaction = begin_as_tenant(&pool, "app.tenant_id", "").await;
        assert_eq!(refusal(transaction, &format!("SELECT FROM {table}")).await, "42501", "{table}");
    }
}

#[tokio::test]
async fn a_tenant_sees_and_changes_only_its_own_rows() {
    let (db, _, [one, two]) = two_tenants().await;
    let pool = pool(db.options());
    let as_one = async || begin_as_tenant(&pool, "app.tenant_id", &one.to_string()).await;
    let mut transaction = as_one().await;
    assert_eq!(
        number(&mut transaction, &format!("SELECT count(*) FROM tenants WHERE id = '{one}'")).await,
        1
    );
    for (table, own) in [
        ("tenants", 1),
        ("memberships", 1),
        ("tenant_settings", 1),
        ("tenant_branding", 1),
        ("segments", 1),
        ("packages", 3),
        ("api_keys", 1),
        ("tenant_resources", 1),
        ("tenant_domains", 1),
    ] {
        assert_eq!(rows(&mut transaction, table).await, own, "{table}");
    }
    for change in [
        "UPDATE tenant_settings SET company_name = 'x'",
        "UPDATE tenant_branding SET color_accent = '#000000'",
        "UPDATE segments SET name = 'x'",
        "DELETE FROM packages",
        "UPDATE api_keys SET revoked_at = now()",
    ] {
        sqlx::raw_sql(change).execute(&mut transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    for unchanged in [
        "tenant_settings WHERE company_name <> 'x'",
        "tenant_branding WHERE color_accent <> '#000000'",
        "segments WHERE name <> 'x'",
        "api_keys WHERE revoked_at IS NULL",
    ] {
        assert_eq!(db.number(&format!("SELECT count(*) FROM {unchanged} AND tenant_id = '{two}'")).await, 1);
    }
    assert_eq!(db.number(&format!("SELECT count(*) FROM packages WHERE tenant_id = '{two}'")).await, 3);

    for refused in [
        format!("INSERT INTO segments (tenant_id, slug, name) VALUES ('{two}', 'new', 'New')"),
        format!("UPDATE segments SET tenant_id = '{two}'"),
        format!(
            "INSERT INTO audit_log (actor_name, action, subject_kind, subject_id) VALUES ('x', 'x', 'tenant', '{two}')"
        ),
        "INSERT INTO audit_log (actor_name, action, subject_kind) VALUES ('x', 'x', 'connector')".to_owned(),
        "UPDATE tenants SET plan = 'enterprise'".to_owned(),
        "SELECT secret_hash FROM api_keys".to_owned(),
        "UPDATE tenant_domains SET status = 'verified', verified_at = now()".to_owned(),
        "DELETE FROM segments".to_owned(),
    ] {
        assert_eq!(refusal(as_one().await, &refused).await, "42501", "{refused}");
    }
}

#[tokio::test]
async fn requests_attempts_and_audit_are_visible_to_active_employees_only() {
    let (db, admin, _) = two_tenants().await;
    let pool = pool(db.options());
    let visible = async |employee: &str| {
        let mut transaction = begin_as_tenant(&pool, "app.employee_id", employee).await;
        let counts = [
            rows(&mut transaction, "provisioning_requests").await,
            rows(&mut transaction, "provisioning_attempts").await,
            rows(&mut transaction, "audit_log").await,
        ];
        transaction.commit().await.unwrap();
        counts
    };
    let id = admin.id.to_string();
    assert_eq!(visible(&id).await, [2, 2, 2]);
    assert_eq!(visible(&Uuid::new_v4().to_string()).await, [0, 0, 0]);
    db.run("UPDATE employees SET status = 'disabled' WHERE built_in IS NULL").await;
    assert_eq!(visible(&id).await, [0, 0, 0]);
}

#[tokio::test]
async fn every_table_with_rows_of_tenants_forces_row_level_security() {
    let db = TestDatabase::new().await;
    let unprotected = "
        SELECT coalesce(string_agg(c.relname, ' '), 'none') FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'tenantry'::regnamespace
          AND (c.relname IN ('tenants', 'provisioning_attempts', 'audit_log') OR EXISTS (
              SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped))
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
              SELECT FROM pg_policy
              WHERE polrelid = c.oid AND NOT polpermissive AND polroles = ARRAY['tenantry_tenant'::regrole::oid]))";
    assert_eq!(db.text(unprotected).await, "none");
}

#[tokio::test]
async fn the_role_cannot_sign_in_and_owns_nothing_and_servers_do_not_inherit_its_limits() {
    let db = TestDatabase::new().await;
    let role = "SELECT rolcanlogin::text || rolsuper || rolbypassrls || rolcreaterole || rolcreatedb
                FROM pg_roles WHERE rolname = 'tenantry_tenant'";
    assert_eq!(db.text(role).await, "falsefalsefalsefalsefalse");
    let owned =
        "SELECT count(*) FROM pg_shdepend WHERE refobjid = 'tenantry_tenant'::regrole AND deptype = 'o'";
    assert_eq!(db.number(owned).await, 0);
    let inherits = "SELECT pg_has_role('tenantry_tenant', 'USAGE')::int::bigint";
    assert_eq!(db.number(inherits).await, 0);
}

#[tokio::test]
async fn a_reused_connection_has_neither_the_role_nor_the_tenant_of_the_last_transaction() {
    let (db, _, [one, _]) = two_tenants().await;
    let pooler = PgBouncer::start(&db.url(), 1, "");
    let behind_pooler: Servers = pooler.url(db.name()).parse().unwrap();
    let behind_pooler = behind_pooler.with_direct_servers(db.url().parse::<Servers>().unwrap());
    for pool in [pool(db.options()), pool(behind_pooler)] {
        let state = async || {
            let sql = "SELECT pg_backend_pid(), current_user::text, current_setting('app.tenant_id', true),
                       (SELECT count(*) FROM tenants)";
            let row = sqlx::query(sql).fetch_one(&pool).await.unwrap();
            let setting: Option<String> = row.get(2);
            (row.get::<i32, _>(0), row.get::<String, _>(1), setting.unwrap_or_default(), row.get::<i64, _>(3))
        };
        let before = state().await;
        assert_eq!((before.1.as_str(), before.3), ("tenantry", 2));
        let mut transaction = begin_as_tenant(&pool, "app.tenant_id", &one.to_string()).await;
        assert_eq!(rows(&mut transaction, "tenants").await, 1);
        transaction.commit().await.unwrap();
        assert_eq!(state().await, before);

        let mut transaction = begin_as_tenant(&pool, "app.tenant_id", &one.to_string()).await;
        assert_eq!(rows(&mut transaction, "tenants").await, 1);
        transaction.rollback().await.unwrap();
        assert_eq!(state().await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_see_only_their_rows_while_others_are_provisioned_through_a_pooler() {
    let (db, admin, tenants) = two_tenants().await;
    let pooler = PgBouncer::start(&db.url(), 2, "");
    let servers: Servers = pooler.url(db.name()).parse().unwrap();
    let servers = servers.with_direct_servers(db.url().parse::<Servers>().unwrap());
    let engine = Engine::new(servers.clone(), 4, 2, MasterKey::new(MASTER_KEY));
    engine.check_schema().await.unwrap();
    let database = Database::new(servers, 4);
    let mut calls = JoinSet::new();
    for n in 0..16 {
        let (engine, admin) = (engine.clone(), admin.clone());
        calls.spawn(async move {
            let request = provision_request(draft(&format!("more-{n}")));
            let outcome =
                engine::provisioning::provision(&engine, &admin, request, "https://x.example").await;
            assert_created(outcome);
        });
        let (pool, tenant) = (database.pool(), tenants[n % 2]);
        calls.spawn(async move {
            for _ in 0..4 {
                let mut transaction = begin_as_tenant(&pool, "app.tenant_id", &tenant.to_string()).await;
                let own = format!(
                    "SELECT count(*) FILTER (WHERE tenant_id = '{tenant}') * 100 + count(*) FROM packages"
                );
                assert_eq!(number(&mut transaction, &own).await, 303);
                transaction.commit().await.unwrap();
            }
        });
    }
    calls.join_all().await;
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 18);
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_of_several_databases_create_the_roles_at_the_same_time() {
    let cluster = TestCluster::dedicated().await;
    let mut migrations = JoinSet::new();
    for _ in 0..4 {
        let options = cluster.options(&cluster.create_empty().await);
        migrations.spawn(async move {
            let engine = Engine::new(options, 1, 1, MasterKey::new(MASTER_KEY));
            engine.migrate().await.unwrap();
            engine.close().await;
        });
    }
    migrations.join_all().await;
    cluster.stop().await;
}

#[tokio::test]
async fn an_administrator_can_create_the_roles_for_a_database_role_that_may_not() {
    let cluster = TestCluster::dedicated().await;
    let mut superuser = PgConnection::connect_with(&cluster.superuser_options("postgres")).await.unwrap();
    for statement in ["CREATE ROLE plain LOGIN PASSWORD 'plain'", "CREATE DATABASE plain OWNER plain"] {
        sqlx::raw_sql(statement).execute(&mut superuser).await.unwrap();
    }
    let options = cluster.options("plain").username("plain").password("plain");
    let engine = Engine::new(options, 1, 1, MasterKey::new(MASTER_KEY));
    let error = engine.migrate().await.unwrap_err();
    let text = std::error::Error::source(&error).unwrap().to_string();
    let (_, statements) = text.split_once("As a superuser, run: ").expect(&text);
    assert_eq!(
        statements,
        "CREATE ROLE tenantry_tenant NOLOGIN; \
         CREATE ROLE tenantry_server NOLOGIN NOINHERIT IN ROLE tenantry_tenant; \
         GRANT tenantry_server TO plain;"
    );
    assert!(format!("{error:?}").contains("GRANT tenantry_server TO plain"), "{error:?}");
    assert_error(Err::<(), _>(error), ErrorCode::SchemaOutOfDate);

    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut superuser).await.unwrap();
    engine.migrate().await.unwrap();
    engine.close().await;
    superuser.close().await.unwrap();
    cluster.stop().await;
}
