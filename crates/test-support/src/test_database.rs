//! A fresh database for each test, and its engine.

use std::collections::BTreeMap;

use connectors::EncryptedSecret;
use domain::{Role, outcome::Provisioned};
use engine::{
    Engine, Error, MasterKey,
    access::Employee,
    provisioning::{ProvisionOutcome, ProvisionRequest, provision},
};
use secrecy::ExposeSecret;
use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use crate::{
    test_cluster::{TemplateSchema, TestCluster, block_on_thread},
    wait::wait_for_value,
};

/// The public URL of the console in tests.
pub const ORIGIN: &str = "https://console.example.com";
/// The master key of all tests.
pub const MASTER_KEY: [u8; 32] = [7; 32];

/// The tables in which a provisioning without pending steps inserts rows, and the number of these rows. The
/// tables of the provisioning request are not included. The second job and its step deliver the invitation.
pub const ROWS_PER_TENANT: [(&str, i64); 13] = [
    ("users", 1),
    ("tenants", 1),
    ("memberships", 1),
    ("tenant_settings", 1),
    ("tenant_branding", 1),
    ("segments", 1),
    ("packages", 3),
    ("api_keys", 1),
    ("jobs", 2),
    ("job_steps", 1),
    ("outbox_messages", 1),
    ("one_time_tokens", 1),
    ("audit_log", 1),
];

/// Tenantry's schema: all of `migrations`.
#[derive(Debug, Clone, Copy)]
pub struct TenantrySchema;

impl TemplateSchema for TenantrySchema {
    const KIND: &str = "tenantry";

    fn version(&self) -> String {
        engine::schema::checksum()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn install(&self, database: PgConnectOptions) {
        block_on_thread(async move || {
            let engine = Engine::new(database, 1, 1, MasterKey::new(MASTER_KEY));
            engine.migrate().await.unwrap();
            engine.close().await;
        });
    }
}

/// A database that is dropped when this value is dropped, even if the test fails.
pub struct TestDatabase {
    /// The engine under test.
    pub engine: Engine,
    /// The connections of the test, to read rows and to break invariants.
    pub pool: PgPool,
    name: String,
    cluster: Option<TestCluster>,
}

impl TestDatabase {
    /// A database with the schema and without rows, in the shared cluster.
    pub async fn new() -> Self {
        Self::with_schema(TestCluster::shared().await).await
    }

    /// A database with the schema and without rows, in a dedicated cluster.
    pub async fn in_dedicated_cluster() -> Self {
        Self::with_schema(TestCluster::dedicated().await).await
    }

    /// A database without the schema, in the shared cluster.
    pub async fn empty() -> Self {
        let cluster = TestCluster::shared().await;
        let name = cluster.create_empty().await;
        Self::connect(cluster, name)
    }

    async fn with_schema(cluster: TestCluster) -> Self {
        let name = cluster.create_with(&TenantrySchema).await;
        let db = Self::connect(cluster, name);
        db.engine.check_schema().await.unwrap();
        db
    }

    fn connect(cluster: TestCluster, name: String) -> Self {
        let options = cluster.options(&name);
        let engine = Engine::new(options.clone(), 16, 2, MasterKey::new(MASTER_KEY));
        Self { engine, pool: test_pool(options), name, cluster: Some(cluster) }
    }

    /// The cluster of this database.
    pub fn cluster(&self) -> &TestCluster {
        self.cluster.as_ref().unwrap()
    }

    /// The options of a direct connection to this database.
    pub fn options(&self) -> PgConnectOptions {
        self.cluster().options(&self.name)
    }

    /// The URL of a direct connection to this database.
    ///
    /// # Panics
    /// If PostgreSQL listens on TCP.
    pub fn url(&self) -> String {
        self.cluster().url(&self.cluster().socket_directory(), &self.name)
    }

    /// The name of this database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Another engine that connects with `options` and has checked the schema.
    pub async fn engine_at(&self, options: PgConnectOptions, pool_size: u32) -> Engine {
        let engine = Engine::new(options, pool_size, 2, MasterKey::new(MASTER_KEY));
        engine.check_schema().await.unwrap();
        engine
    }

    /// Inserts a service employee with this role.
    pub async fn employee(&self, role: Role) -> Employee {
        let employee = Employee { id: Uuid::now_v7(), name: format!("Test {role}"), role };
        sqlx::query("INSERT INTO employees (id, kind, name, role) VALUES ($1, 'service', $2, $3)")
            .bind(employee.id)
            .bind(&employee.name)
            .bind(role.as_str())
            .execute(&self.pool)
            .await
            .unwrap();
        employee
    }

    /// Inserts a service employee with the role `ADMIN`.
    pub async fn admin(&self) -> Employee {
        self.employee(Role::Admin).await
    }

    /// Provisions a tenant on behalf of `by`.
    ///
    /// # Errors
    /// The error of the engine.
    pub async fn provision(
        &self,
        by: &Employee,
        request: &ProvisionRequest,
    ) -> Result<ProvisionOutcome, Error> {
        provision(&self.engine, by, request.clone(), ORIGIN).await
    }

    /// Runs statements, which must succeed.
    pub async fn run(&self, sql: &str) {
        self.try_run(sql).await.unwrap();
    }

    /// Runs statements.
    ///
    /// # Errors
    /// The error of the database.
    pub async fn try_run(&self, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.map(drop)
    }

    /// The `bigint` that a query returns.
    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    /// The `text` that a query returns.
    pub async fn text(&self, sql: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    /// The token in the link of the newest message of a kind, from the outbox.
    pub async fn token_of_message(&self, kind: &str) -> String {
        let (id, wrapped_key, ciphertext): (Uuid, Vec<u8>, Vec<u8>) = sqlx::query_as(
            "SELECT id, wrapped_key, ciphertext FROM outbox_messages WHERE kind = $1 ORDER BY created_at DESC LIMIT 1",
        )
        .bind(kind)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let sealed = EncryptedSecret { wrapped_key, ciphertext };
        self.engine.vault().open(id, "mail token", &sealed).unwrap().expose_secret().to_owned()
    }

    /// The number of rows in each table of [`ROWS_PER_TENANT`], without empty tables.
    pub async fn row_counts(&self) -> BTreeMap<&'static str, i64> {
        let mut rows = BTreeMap::new();
        for (table, _) in ROWS_PER_TENANT {
            rows.insert(table, self.number(&format!("SELECT count(*) FROM {table}")).await);
        }
        rows.retain(|_, count| *count > 0);
        rows
    }

    /// Runs `body` (PL/pgSQL) before each insertion into `table`.
    pub async fn set_insert_trigger(&self, table: &str, body: &str) {
        self.run(&format!(
            "CREATE OR REPLACE FUNCTION test_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$;
             CREATE OR REPLACE TRIGGER test_trigger BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION test_trigger()"
        ))
        .await;
    }

    /// Makes each insertion into `table` fail with this SQLSTATE.
    pub async fn set_failing_trigger(&self, table: &str, sqlstate: &str) {
        self.set_insert_trigger(
            table,
            &format!("RAISE EXCEPTION 'injected' USING ERRCODE = '{sqlstate}', CONSTRAINT = 'test_trigger'"),
        )
        .await;
    }

    /// Drops the trigger of [`set_insert_trigger`](Self::set_insert_trigger).
    pub async fn drop_trigger(&self, table: &str) {
        self.run(&format!("DROP TRIGGER test_trigger ON {table}")).await;
    }

    /// Waits until a query or expression returns true.
    ///
    /// # Panics
    /// If [`DEADLINE`](crate::wait::DEADLINE) has passed.
    pub async fn wait_until(&self, condition: &str) {
        let sql = format!("SELECT ({condition})::int::bigint");
        wait_for_value(condition, async || (self.number(&sql).await == 1).then_some(())).await;
    }

    /// Waits until the database accepts connections again, after its cluster crashed.
    pub async fn wait_until_available(&self) {
        wait_for_value("a connection", async || sqlx::query("SELECT 1").execute(&self.pool).await.ok()).await;
    }

    /// Asserts that every invariant holds, and that the audit log matches its hash chain.
    pub async fn assert_invariants(&self) {
        assert_eq!(engine::integrity::verify(&self.engine).await.unwrap(), []);
        engine::audit::append_new_entries(&self.engine).await.unwrap();
        assert_eq!(engine::audit::verify_audit_log(&self.engine, None).await.unwrap().findings, []);
    }

    /// Asserts that the secret in the outcome is the one whose hash is stored.
    pub async fn assert_secret_is_stored(&self, outcome: &Provisioned) {
        let stored: Vec<u8> = sqlx::query_scalar("SELECT secret_hash FROM api_keys WHERE tenant_id = $1")
            .bind(outcome.tenant.id)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert_eq!(stored, sha256(outcome.secret_key.as_deref().unwrap()));
    }

    /// Asserts that exactly `count` tenants exist, that each is complete, and that no other rows exist.
    pub async fn assert_complete_tenants(&self, count: i64) {
        let expected: BTreeMap<_, _> = ROWS_PER_TENANT
            .into_iter()
            .map(|(table, rows)| (table, rows * count))
            .filter(|(_, rows)| *rows > 0)
            .collect();
        assert_eq!(self.row_counts().await, expected);
        self.assert_invariants().await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(cluster) = self.cluster.take() else { return };
        let name = std::mem::take(&mut self.name);
        // On another thread, because the test's runtime may be shutting down.
        block_on_thread(async move || {
            cluster.drop_database(&name).await;
            cluster.stop().await;
        });
    }
}

/// The SHA-256 hash of a text.
pub fn sha256(text: &str) -> Vec<u8> {
    <sha2::Sha256 as sha2::Digest>::digest(text).to_vec()
}

/// Connections with the session settings of Tenantry.
fn test_pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(6).connect_lazy_with(database::with_session(options))
}
