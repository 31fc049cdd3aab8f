//! The database of a scenario: queries, gates and locks.

use std::{fmt::Debug, time::Duration};

use engine::{Engine, MasterKey};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use test_support::{
    test_database::MASTER_KEY,
    wait::{DEADLINE, Poll},
};

#[derive(Debug)]
pub(crate) struct Database {
    pub name: String,
    pool: PgPool,
    options: PgConnectOptions,
}

/// A lock that an open transaction holds until [`Lock::release`].
#[derive(Debug)]
pub(crate) struct Lock(PgConnection);

impl Lock {
    pub(crate) async fn release(self) {
        self.0.close().await.unwrap();
    }
}

impl Database {
    pub(crate) fn new(name: String, options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(DEADLINE)
            .connect_lazy_with(options.clone());
        Self { name, pool, options }
    }

    /// An engine with connections to this database. Close the engine before a fault, which would break the
    /// connections.
    pub(crate) async fn engine(&self) -> Engine {
        let engine = Engine::new(self.options.clone(), 2, 1, MasterKey::new(MASTER_KEY));
        engine.check_schema().await.unwrap();
        engine
    }

    pub(crate) async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.unwrap();
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    /// The text that a query returns; empty for null.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let text: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap();
        text.unwrap_or_default()
    }

    /// Waits until a condition is true.
    pub(crate) async fn wait_until(&self, condition: &str) {
        let sql = format!("SELECT ({condition})::int::bigint");
        let poll = Poll::new(condition);
        while self.number(&sql).await == 0 {
            poll.pause().await;
        }
    }

    /// Makes workers wait at `point`, a change of a step's state. At `succeeded 3`, for example, they wait
    /// when the third step succeeds.
    pub(crate) async fn close_gate(&self, point: &str) {
        self.run(&format!("INSERT INTO gates VALUES ('{point}')")).await;
    }

    pub(crate) async fn open_gates(&self) {
        self.run("DELETE FROM gates").await;
    }

    /// Waits until a worker waits at a gate.
    pub(crate) async fn wait_for_worker_at_gate(&self) {
        self.wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')").await;
    }

    /// Terminates the backends of all workers in this database.
    pub(crate) async fn terminate_worker_backends(&self) {
        self.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tenantry'").await;
    }

    /// The process IDs of the workers' backends in this database.
    pub(crate) async fn worker_backends(&self) -> Vec<String> {
        let pids = self
            .text("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tenantry'")
            .await;
        pids.split_whitespace().map(str::to_owned).collect()
    }

    /// Runs a statement in a transaction that stays open.
    pub(crate) async fn lock(&self, sql: &str) -> Lock {
        let mut connection = PgConnection::connect_with(&self.options).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {sql}"))).execute(&mut connection).await.unwrap();
        Lock(connection)
    }

    /// Skips each wait of the job until the job has succeeded.
    pub(crate) async fn skip_waits_until_job_succeeds(&self) {
        let poll = Poll::new("the job to succeed");
        while !self.job_has_succeeded().await {
            self.skip_wait().await;
            poll.pause().await;
        }
    }

    /// Waits until the job has succeeded, without skipping its waits.
    pub(crate) async fn wait_for_job_to_succeed(&self) {
        let poll = Poll::new("the job to succeed");
        while !self.job_has_succeeded().await {
            poll.pause().await;
        }
    }

    async fn job_has_succeeded(&self) -> bool {
        let state = self.text("SELECT state FROM jobs WHERE creates_tenant").await;
        let attempts = "SELECT string_agg(concat_ws(' ', position, number, outcome, message), '; ' ORDER BY started_at) FROM step_attempts";
        assert!(state != "dead", "the job is dead: {}", self.text(attempts).await);
        state == "succeeded"
    }

    /// Skips waits of the job until they add up to `total`.
    pub(crate) async fn skip_waits(&self, total: Duration) {
        let poll = Poll::new("enough waits of the job");
        let mut skipped = 0;
        while Duration::from_millis(skipped) < total {
            skipped += self.skip_wait().await;
            poll.pause().await;
        }
    }

    /// Skips the time until the next attempt of the job, as if it had passed, and returns this time in
    /// milliseconds.
    async fn skip_wait(&self) -> u64 {
        let sql = "
            WITH waiting AS (
                SELECT j.id, j.waiting_for, coalesce(b.next_test_at, j.due_at) - clock_timestamp() AS wait
                FROM jobs j LEFT JOIN breakers b ON b.connector = j.waiting_for WHERE j.state = 'retrying'
            ), skipped AS (
                UPDATE jobs j SET due_at = due_at - wait FROM waiting w WHERE w.id = j.id AND wait > '0 s' RETURNING w.*
            ), failing AS (
                UPDATE job_steps s SET failing_since = failing_since - wait FROM skipped w WHERE w.id = s.job_id
            ), tested AS (
                UPDATE breakers SET next_test_at = next_test_at - wait FROM skipped WHERE connector = waiting_for
            ), notified AS (SELECT pg_notify('tenantry_jobs', '') FROM skipped)
            SELECT coalesce((SELECT (extract(epoch FROM wait) * 1000)::bigint FROM skipped), 0)
                + 0 * (SELECT count(*) FROM notified)";
        self.number(sql).await.unsigned_abs()
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}
