//! Connections through a real PgBouncer in transaction mode.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use database::{Database, Servers, UnusableServer};
use sqlx::{Connection, Error, PgConnection};
use test_support::{old_postgres::OldPostgres, pgbouncer::PgBouncer, test_database::TestDatabase};
use tokio::task::JoinSet;

const SETTINGS: &str =
    "SELECT concat_ws(' ', current_setting('search_path'), current_setting('statement_timeout'),
    current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),
    current_setting('timezone'))";
/// The setting with which PgBouncer drops session settings instead of refusing them.
const DROP_SETTINGS: &str = "ignore_startup_parameters = extra_float_digits,options";

/// A database behind a PgBouncer that has fewer connections than the clients of a test.
struct PooledDatabase {
    db: TestDatabase,
    pooler: PgBouncer,
}

impl PooledDatabase {
    async fn new() -> Self {
        Self::with_settings("").await
    }

    async fn with_settings(settings: &str) -> Self {
        let db = TestDatabase::new().await;
        let pooler = PgBouncer::start(&db.url(), 2, settings);
        Self { db, pooler }
    }

    fn pooled(&self) -> Servers {
        self.pooler.url(self.db.name()).parse().unwrap()
    }

    fn direct(&self) -> Servers {
        self.db.url().parse().unwrap()
    }

    fn database(&self, pool_size: u32) -> Database {
        Database::new(self.pooled().with_direct_servers(self.direct()), pool_size)
    }
}

/// Why a server cannot be used.
#[track_caller]
fn unusable<T: std::fmt::Debug>(result: Result<T, Error>) -> UnusableServer {
    match result.unwrap_err() {
        Error::Configuration(reason) => *reason.downcast_ref().expect("an unusable server"),
        error => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_and_transactions_through_a_pooler_have_the_session_settings() {
    let pooled = PooledDatabase::new().await;
    let database = pooled.database(8);
    let mut clients = JoinSet::new();
    for number in 0..24 {
        let pool = database.pool();
        clients.spawn(async move {
            if number % 2 == 0 {
                return sqlx::query_scalar::<_, String>(SETTINGS).fetch_one(&pool).await.unwrap();
            }
            let mut transaction = pool.begin().await.unwrap();
            let settings = sqlx::query_scalar(SETTINGS).fetch_one(&mut transaction).await.unwrap();
            transaction.commit().await.unwrap();
            settings
        });
    }
    while let Some(settings) = clients.join_next().await {
        assert_eq!(settings.unwrap(), "tenantry 10s 3s 10s UTC");
    }
    // Other clients of the pooler get the backends without these settings.
    let options = pooled.pooler.url(pooled.db.name()).parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    let mut other = PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap();
    let row = sqlx::raw_sql("SHOW search_path").fetch_one(&mut other).await.unwrap();
    assert_eq!(sqlx::Row::get::<&str, _>(&row, 0), "\"$user\", public");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statements_of_several_processes_do_not_collide_in_a_pooler() {
    let pooled = PooledDatabase::new().await;
    let databases = [pooled.database(4), pooled.database(4), pooled.database(4)];
    let mut clients = JoinSet::new();
    for number in 0..120_i64 {
        let pool = databases[number as usize % databases.len()].pool();
        // The statements differ, so that statements with the same name would return wrong results.
        let sql = if number % 2 == 0 { "SELECT $1 + 1" } else { "SELECT $1 * 2" };
        let expected = if number % 2 == 0 { number + 1 } else { number * 2 };
        clients.spawn(async move {
            let result: i64 = sqlx::query_scalar(sql).bind(number).fetch_one(&pool).await.unwrap();
            assert_eq!(result, expected);
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    let named = "SELECT count(*) FROM pg_prepared_statements";
    let pool = databases[0].pool();
    assert_eq!(sqlx::query_scalar::<_, i64>(named).fetch_one(&pool).await.unwrap(), 0);
}

#[tokio::test]
async fn a_statement_through_a_pooler_is_committed_or_rolled_back() {
    let pooled = PooledDatabase::new().await;
    let pool = pooled.database(1).pool();
    sqlx::query("CREATE TABLE numbers (number int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        .execute(&pool)
        .await
        .unwrap();
    let insert = "INSERT INTO numbers VALUES (1)";
    assert_eq!(sqlx::query(insert).execute(&pool).await.unwrap().rows_affected(), 1);
    // The constraint is checked by the commit.
    let refused = sqlx::query(insert).execute(&pool).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("23505"));
    assert!(sqlx::query("SELECT 1 / 0").execute(&pool).await.is_err());
    assert_eq!(pooled.db.number("SELECT count(*) FROM tenantry.numbers").await, 1);
    let idle = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(pooled.db.number(idle).await, 0);
}

#[tokio::test]
async fn a_lock_wait_through_a_pooler_ends_after_3_seconds() {
    let pooled = PooledDatabase::new().await;
    let pool = pooled.database(1).pool();
    let mut holder = pooled.db.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE tenants").execute(&mut *holder).await.unwrap();
    let start = Instant::now();
    let refused = sqlx::query("SELECT FROM tenants").execute(&pool).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("55P03"));
    assert!(start.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn sessions_and_notifications_bypass_a_pooler() {
    let pooled = PooledDatabase::new().await;
    let database = pooled.database(2);
    let mut listener = database.listen("test_channel").await.unwrap();
    sqlx::query("SELECT pg_notify('test_channel', 'sent')").execute(&database.pool()).await.unwrap();
    assert_eq!(listener.recv().await.unwrap().payload(), "sent");

    let mut session = database.connect().await.unwrap();
    sqlx::query("SET application_name = 'kept'").execute(&mut session).await.unwrap();
    let renamed_sessions = "SELECT count(*) FROM pg_stat_activity
                            WHERE datname = current_database() AND application_name = 'kept'";
    assert_eq!(pooled.db.number(renamed_sessions).await, 1);
    let settings: String = sqlx::query_scalar(SETTINGS).fetch_one(&mut session).await.unwrap();
    assert_eq!(settings, "tenantry 10s 3s 10s UTC");
}

#[tokio::test]
async fn a_pooler_without_a_direct_url_is_refused() {
    for settings in ["", DROP_SETTINGS] {
        let pooled = PooledDatabase::with_settings(settings).await;
        let database = Database::new(pooled.pooled(), 2);
        let statement = sqlx::query("SELECT 1").execute(&database.pool()).await;
        assert_eq!(unusable(statement), UnusableServer::DirectUrlMissing, "{settings}");
        assert_eq!(unusable(database.connect().await), UnusableServer::DirectUrlMissing, "{settings}");
        assert_eq!(unusable(database.listen("c").await), UnusableServer::DirectUrlMissing, "{settings}");
    }
}

#[tokio::test]
async fn a_direct_url_of_a_pooler_is_refused() {
    for settings in ["", DROP_SETTINGS] {
        let pooled = PooledDatabase::with_settings(settings).await;
        let database = Database::new(pooled.pooled().with_direct_servers(pooled.pooled()), 2);
        assert_eq!(unusable(database.connect().await), UnusableServer::DirectUrlOfPooler, "{settings}");
        assert_eq!(unusable(database.listen("c").await), UnusableServer::DirectUrlOfPooler, "{settings}");
    }
}

#[tokio::test]
async fn a_server_older_than_postgresql_15_is_refused() {
    let old = OldPostgres::start();
    let database = Database::new(old.url().parse::<Servers>().unwrap(), 1);
    let statement = sqlx::query("SELECT 1").execute(&database.pool()).await;
    assert_eq!(unusable(statement), UnusableServer::Version(14));
    assert_eq!(unusable(database.connect().await), UnusableServer::Version(14));
}
