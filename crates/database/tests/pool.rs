//! The connection pool, with a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{process::Command, time::Duration};

use database::{Database, Pool};
use sqlx::AssertSqlSafe;
use test_support::{
    test_database::TestDatabase,
    wait::{wait_for_future, wait_for_value},
};
use tokio::time::timeout;

/// Runs a statement that takes `seconds`, and returns the process ID of its backend.
async fn sleep_and_get_backend_pid(pool: &Pool, seconds: f64) -> Result<i32, sqlx::Error> {
    let sql = format!("SELECT pg_backend_pid() FROM pg_sleep({seconds})");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await
}

/// A backend that does not respond. It continues when this value is dropped.
struct StoppedBackend(i32);

impl StoppedBackend {
    fn new(backend: i32) -> Self {
        let stopped = Self(backend);
        stopped.send("-STOP");
        stopped
    }

    fn send(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.0.to_string()]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for StoppedBackend {
    fn drop(&mut self) {
        self.send("-CONT");
    }
}

fn pool(db: &TestDatabase, size: u32) -> Pool {
    Database::new(db.options(), size).pool()
}

#[tokio::test]
async fn consecutive_statements_use_the_connection_that_was_returned_last() {
    let db = TestDatabase::new().await;
    let pool = pool(&db, 4);
    for _ in 0..2 {
        // The pool has two connections. The one whose statement takes longer is returned last.
        let (first, last) =
            tokio::join!(sleep_and_get_backend_pid(&pool, 0.2), sleep_and_get_backend_pid(&pool, 0.5));
        let (first, last) = (first.unwrap(), last.unwrap());
        assert_ne!(first, last);
        for _ in 0..20 {
            assert_eq!(sleep_and_get_backend_pid(&pool, 0.0).await.unwrap(), last);
        }
    }
}

#[tokio::test]
async fn a_statement_whose_backend_does_not_respond_fails_and_its_connection_is_replaced() {
    // In a shared cluster, a stopped backend delays the tests that drop a database.
    let db = TestDatabase::in_dedicated_cluster().await;
    let pool = pool(&db, 1);
    let statement = tokio::spawn({
        let pool = pool.clone();
        async move { sleep_and_get_backend_pid(&pool, 0.5).await }
    });
    let find_pid = "SELECT pid::bigint FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'SELECT pg_backend_pid() FROM pg_sleep(0.5)'";
    let pid = wait_for_value("the backend", async || {
        sqlx::query_scalar::<_, i64>(find_pid).fetch_optional(&db.pool).await.unwrap()
    })
    .await;
    let stopped = StoppedBackend::new(i32::try_from(pid).unwrap());
    let failed = statement.await.unwrap();
    assert!(matches!(failed, Err(sqlx::Error::Io(_))), "{failed:?}");
    assert_ne!(sleep_and_get_backend_pid(&pool, 0.0).await.unwrap(), stopped.0);
}

#[tokio::test]
async fn a_statement_of_a_transaction_fails_when_its_backend_does_not_respond() {
    let db = TestDatabase::in_dedicated_cluster().await;
    let pool = pool(&db, 1);
    let mut transaction = pool.begin().await.unwrap();
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut transaction).await.unwrap();
    let stopped = StoppedBackend::new(pid);
    let failed = sqlx::query("SELECT 1").execute(&mut transaction).await;
    assert!(matches!(failed, Err(sqlx::Error::Io(_))), "{failed:?}");
    drop(transaction);
    assert_ne!(sleep_and_get_backend_pid(&pool, 0.0).await.unwrap(), stopped.0);
}

#[tokio::test]
async fn an_idle_connection_whose_backend_does_not_respond_is_replaced() {
    let db = TestDatabase::in_dedicated_cluster().await;
    let pool = pool(&db, 1);
    let stopped = StoppedBackend::new(sleep_and_get_backend_pid(&pool, 0.0).await.unwrap());
    // Longer than the time after which an idle connection is tested.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_ne!(sleep_and_get_backend_pid(&pool, 0.0).await.unwrap(), stopped.0);
}

#[tokio::test]
async fn the_connection_of_a_cancelled_statement_is_replaced() {
    let db = TestDatabase::new().await;
    let pool = pool(&db, 1);
    assert!(timeout(Duration::from_millis(200), sleep_and_get_backend_pid(&pool, 5.0)).await.is_err());
    let next = timeout(Duration::from_secs(4), sleep_and_get_backend_pid(&pool, 0.0)).await;
    assert!(matches!(next, Ok(Ok(_))), "{next:?}");
}

#[tokio::test]
async fn a_refused_statement_keeps_its_connection() {
    let db = TestDatabase::new().await;
    let pool = pool(&db, 1);
    let first = sleep_and_get_backend_pid(&pool, 0.0).await.unwrap();
    assert!(sqlx::query("SELECT 1 / 0").execute(&pool).await.is_err());
    assert_eq!(sleep_and_get_backend_pid(&pool, 0.0).await.unwrap(), first);
}

#[tokio::test]
async fn a_transaction_that_is_dropped_is_rolled_back() {
    let db = TestDatabase::new().await;
    let pool = pool(&db, 1);
    sqlx::query("CREATE TABLE numbers (number int)").execute(&pool).await.unwrap();
    for commit in [true, false] {
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query("INSERT INTO numbers VALUES (1)").execute(&mut transaction).await.unwrap();
        if commit {
            transaction.commit().await.unwrap();
        }
    }
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM numbers").fetch_one(&pool).await.unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn close_waits_for_running_statements_and_refuses_new_ones() {
    let db = TestDatabase::new().await;
    let pool = pool(&db, 2);
    sleep_and_get_backend_pid(&pool, 0.0).await.unwrap();
    let running = tokio::spawn({
        let pool = pool.clone();
        async move { sleep_and_get_backend_pid(&pool, 0.5).await }
    });
    let count_running = "SELECT count(*) FROM pg_stat_activity
                         WHERE datname = current_database() AND state = 'active'
                             AND query LIKE 'SELECT pg_backend_pid() FROM pg_sleep(0.5)'";
    db.wait_until(&format!("({count_running}) = 1")).await;
    wait_for_future("the pool to close", pool.close()).await;
    assert_eq!(db.number(count_running).await, 0);
    assert!(running.await.unwrap().is_ok());
    assert!(matches!(sleep_and_get_backend_pid(&pool, 0.0).await, Err(sqlx::Error::PoolClosed)));
}
