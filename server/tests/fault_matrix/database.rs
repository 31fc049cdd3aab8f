//! A cell's own database: looking at it, and holding what happens there.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use engine::{Engine, MasterKey};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::ground::KEY;

/// The longest that anything here is waited for.
const PATIENCE: Duration = Duration::from_secs(45);

#[derive(Debug)]
pub struct Database {
    pub name: String,
    pool: PgPool,
    options: PgConnectOptions,
}

/// Something that is locked until this is released.
#[derive(Debug)]
pub struct Lock(PgConnection);

impl Lock {
    pub async fn release(self) {
        self.0.close().await.unwrap();
    }
}

impl Database {
    pub fn new(name: String, options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new().max_connections(2).connect_lazy_with(options.clone());
        Self { name, pool, options }
    }

    /// An engine, to be closed before any fault.
    pub async fn engine(&self) -> Engine {
        let engine = Engine::new(self.options.clone(), 2, 1, MasterKey::new(KEY));
        engine.check_schema().await.unwrap();
        engine
    }

    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    /// A text, or what an aggregate of none is.
    pub async fn text(&self, sql: &str) -> String {
        let text: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap();
        text.unwrap_or_default()
    }

    /// Waits until the question is answered with yes.
    pub async fn wait_until(&self, question: &str) {
        let end = Instant::now() + PATIENCE;
        while self.number(&format!("SELECT ({question})::int::bigint")).await == 0 {
            assert!(Instant::now() < end, "never true: {question}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Makes whoever comes to a step's change of state wait there, such as `succeeded 3`.
    pub async fn close_gate(&self, point: &str) {
        self.run(&format!("INSERT INTO gates VALUES ('{point}')")).await;
    }

    pub async fn open_gates(&self) {
        self.run("DELETE FROM gates").await;
    }

    /// Until a worker waits at a gate.
    pub async fn somebody_waits_at_a_gate(&self) {
        self.wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')").await;
    }

    /// Ends every connection that workers have to this database.
    pub async fn end_backends(&self) {
        self.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tenantry'").await;
    }

    /// Runs a statement in a transaction that stays open.
    pub async fn lock(&self, sql: &str) -> Lock {
        let mut connection = PgConnection::connect_with(&self.options).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {sql}"))).execute(&mut connection).await.unwrap();
        Lock(connection)
    }

    /// Until the job is there; what waits for its time is made due meanwhile.
    pub async fn wait_for_job(&self, state: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let now = self.text("SELECT state FROM jobs").await;
            if now == state {
                return;
            }
            let attempts = "SELECT string_agg(concat_ws(' ', position, number, outcome, message), '; ' ORDER BY started_at) FROM step_attempts";
            assert!(now != "dead" && Instant::now() < end, "the job is {now}: {}", self.text(attempts).await);
            self.hurry().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn hurry(&self) {
        self.run(
            "WITH hurried AS (UPDATE jobs SET due_at = now() WHERE state = 'retrying' AND due_at > now() RETURNING 1)
             SELECT pg_notify('tenantry_jobs', '') FROM hurried",
        )
        .await;
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}
