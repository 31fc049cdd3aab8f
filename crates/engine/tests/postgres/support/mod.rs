//! What every test starts from: a database of its own, people, drafts, and plain answers.

mod gate;
mod orders;
mod proxy;
mod server;

use std::collections::BTreeMap;

use domain::{Role, outcome::Provisioned};
use engine::{
    Engine, Error, MasterKey,
    access::Principal,
    provisioning::{Answer, ProvisionRequest, provision},
};
use sqlx::{AssertSqlSafe, PgPool, postgres::PgConnectOptions};
use uuid::Uuid;

pub use gate::Gate;
pub use orders::{created, draft, order, refused, replayed, with_draft};
pub use proxy::{Cut, Proxy};
use server::Server;

pub const ORIGIN: &str = "https://console.example.com";

/// Every table that one provisioning writes to, its request apart, with the rows it makes.
pub const WHOLE: [(&str, i64); 12] = [
    ("users", 1),
    ("tenants", 1),
    ("memberships", 1),
    ("tenant_settings", 1),
    ("tenant_branding", 1),
    ("segments", 1),
    ("packages", 3),
    ("api_keys", 1),
    ("jobs", 1),
    ("job_steps", 7),
    ("one_time_tokens", 1),
    ("audit_log", 1),
];

/// A database that is dropped with this value, also when the test fails.
pub struct TestDatabase {
    pub engine: Engine,
    /// Around the engine, for looking at rows and for breaking them.
    pub pool: PgPool,
    name: String,
    server: Option<Server>,
}

impl TestDatabase {
    /// With the schema and nothing in it.
    pub async fn new() -> Self {
        let server = Server::attach().await;
        let name = server.create_migrated().await;
        let db = Self::on(server, name);
        db.engine.check_schema().await.unwrap();
        db
    }

    /// In a PostgreSQL that no other test uses, with the schema.
    pub async fn on_its_own_server() -> Self {
        let server = Server::of_its_own().await;
        let name = server.create_migrated().await;
        let db = Self::on(server, name);
        db.engine.check_schema().await.unwrap();
        db
    }

    /// Without the schema.
    pub async fn empty() -> Self {
        let server = Server::attach().await;
        let name = server.create_empty().await;
        Self::on(server, name)
    }

    fn on(server: Server, name: String) -> Self {
        let options = server.options(&name);
        let engine = Engine::new(options.clone(), 16, 2, MasterKey::new([7; 32]));
        Self { engine, pool: database::pool(options, 6), name, server: Some(server) }
    }

    pub fn options(&self) -> PgConnectOptions {
        self.server.as_ref().unwrap().options(&self.name)
    }

    /// Another engine on this database, which knows that the schema is right.
    pub async fn engine_at(&self, options: PgConnectOptions, pool_size: u32) -> Engine {
        let engine = Engine::new(options, pool_size, 2, MasterKey::new([7; 32]));
        engine.check_schema().await.unwrap();
        engine
    }

    /// A service with this role, put into the database by hand.
    pub async fn employee(&self, role: Role) -> Principal {
        let principal = Principal { employee_id: Uuid::now_v7(), name: format!("Test {role}"), role };
        sqlx::query("INSERT INTO employees (id, kind, name, role) VALUES ($1, 'service', $2, $3)")
            .bind(principal.employee_id)
            .bind(&principal.name)
            .bind(role.as_str())
            .execute(&self.pool)
            .await
            .unwrap();
        principal
    }

    pub async fn admin(&self) -> Principal {
        self.employee(Role::Admin).await
    }

    pub async fn provision(&self, by: &Principal, order: &ProvisionRequest) -> Result<Answer, Error> {
        provision(&self.engine, by, order.clone(), ORIGIN).await
    }

    /// Runs statements as they are.
    pub async fn run(&self, sql: &str) {
        self.try_run(sql).await.unwrap();
    }

    pub async fn try_run(&self, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.map(drop)
    }

    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    pub async fn text(&self, sql: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    /// How many rows each of the tables of [`WHOLE`] has, without those that have none.
    pub async fn rows(&self) -> BTreeMap<&'static str, i64> {
        let mut rows = BTreeMap::new();
        for (table, _) in WHOLE {
            rows.insert(table, self.number(&format!("SELECT count(*) FROM {table}")).await);
        }
        rows.retain(|_, count| *count > 0);
        rows
    }

    /// Runs `body` (PL/pgSQL) before each insertion into `table`.
    pub async fn set_trap(&self, table: &str, body: &str) {
        self.run(&format!(
            "CREATE OR REPLACE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$;
             CREATE OR REPLACE TRIGGER trap BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION trap()"
        ))
        .await;
    }

    /// Makes each insertion into `table` fail with this SQLSTATE.
    pub async fn set_failing_trap(&self, table: &str, sqlstate: &str) {
        self.set_trap(
            table,
            &format!("RAISE EXCEPTION 'trapped' USING ERRCODE = '{sqlstate}', CONSTRAINT = 'trap'"),
        )
        .await;
    }

    pub async fn drop_trap(&self, table: &str) {
        self.run(&format!("DROP TRIGGER trap ON {table}")).await;
    }

    /// Waits until the question, a boolean, is answered with yes; 20 s at most.
    pub async fn wait_until(&self, sql: &str) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while self.number(&format!("SELECT ({sql})::int::bigint")).await == 0 {
            assert!(std::time::Instant::now() < deadline, "never true: {sql}");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Asserts that every invariant holds.
    pub async fn assert_sound(&self) {
        assert_eq!(engine::integrity::verify(&self.engine).await.unwrap(), []);
    }

    /// Asserts that the secret that was told is the one whose hash is stored.
    pub async fn assert_secret_is_stored(&self, made: &Provisioned) {
        let stored: Vec<u8> = sqlx::query_scalar("SELECT secret_hash FROM api_keys WHERE tenant_id = $1")
            .bind(made.tenant.id)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert_eq!(stored, sha256(made.secret_key.as_deref().unwrap()));
    }

    /// Asserts that there are exactly `tenants` tenants, whole, and nothing besides.
    pub async fn assert_tenants(&self, tenants: i64) {
        let expected: BTreeMap<_, _> = WHOLE
            .into_iter()
            .map(|(table, rows)| (table, rows * tenants))
            .filter(|(_, rows)| *rows > 0)
            .collect();
        assert_eq!(self.rows().await, expected);
        self.assert_sound().await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let name = std::mem::take(&mut self.name);
        // A runtime of its own: the test's may be shutting down, and cannot be waited on here.
        let discarding = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(server.discard(&name));
        });
        let discarded = discarding.join();
        if !std::thread::panicking() {
            discarded.unwrap();
        }
    }
}

pub fn sha256(text: &str) -> Vec<u8> {
    <sha2::Sha256 as sha2::Digest>::digest(text).to_vec()
}
