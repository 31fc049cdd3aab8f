//! The connection pool, the embedded migrations, and whether the schema is the right one.

use std::{collections::HashMap, time::Duration};

use sqlx::{
    Connection, PgPool,
    migrate::{Migrate, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::Error;

/// Every migration, embedded in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// How a connection behaves: no statement, lock or idle transaction waits for ever.
const SESSION: [(&str, &str); 5] = [
    ("search_path", "tenantry"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("timezone", "UTC"),
];

/// How long an unused connection is taken for alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A pool that connects when it is first used; `size` connections at most.
///
/// A connection that was used a moment ago is not tested before it is used again: that would
/// cost each call a round trip. One that lay idle is, so a restart of the database is noticed here.
pub fn pool(options: PgConnectOptions, size: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options.application_name("tenantry").options(SESSION))
}

/// Brings the schema up to date, under an advisory lock, one process at a time.
///
/// # Errors
/// The database's refusal, or a migration that was changed after it ran.
pub async fn migrate(pool: &PgPool) -> Result<(), Error> {
    let mut connection = pool.acquire().await?.detach();
    // A migration may take longer than a request may.
    sqlx::raw_sql("SELECT pg_advisory_xact_lock(7301); CREATE SCHEMA IF NOT EXISTS tenantry; SET statement_timeout = 0; SET lock_timeout = '60s'; SET client_min_messages = warning")
        .execute(&mut connection)
        .await?;
    MIGRATIONS.run(&mut connection).await?;
    Ok(())
}

/// Whether exactly the migrations of this binary are applied.
///
/// # Errors
/// When the database cannot be asked.
pub async fn schema_is_current(pool: &PgPool) -> Result<bool, Error> {
    let mut connection = pool.acquire().await?;
    let known: Option<String> = sqlx::query_scalar("SELECT to_regclass('tenantry._sqlx_migrations')::text")
        .fetch_one(&mut *connection)
        .await?;
    if known.is_none() {
        return Ok(false);
    }
    let applied = connection.list_applied_migrations("_sqlx_migrations").await.map_err(Error::Migrations)?;
    let applied: HashMap<_, _> = applied.into_iter().map(|m| (m.version, m.checksum)).collect();
    let expected: Vec<_> = MIGRATIONS.iter().filter(|m| !m.migration_type.is_down_migration()).collect();
    Ok(applied.len() == expected.len()
        && expected.iter().all(|m| applied.get(&m.version) == Some(&m.checksum)))
}
