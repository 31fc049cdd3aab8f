//! The connection pool, the embedded migrations, and whether the schema is the right one.

mod servers;

use std::{collections::HashMap, time::Duration};

use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::{Migrate, Migrator},
    postgres::PgPoolOptions,
};

pub use self::servers::Servers;
use crate::Error;

/// Every migration, embedded in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// How long an unused connection is taken for alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A pool that connects when it is first used; `size` connections at most. Of several servers it
/// uses the first until another is [told to take writes](use_writable).
///
/// A connection that was used a moment ago is not tested before it is used again: that would
/// cost each call a round trip. One that lay idle is, so a restart of the database is noticed here.
pub fn pool(servers: &Servers, size: u32) -> PgPool {
    let several = servers.are_several();
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                match several && !servers::takes_writes(connection).await? {
                    true => Err(sqlx::Error::Protocol("the server is a standby".into())),
                    false => Ok(()),
                }
            })
        })
        .before_acquire(move |connection, meta| {
            Box::pin(async move {
                match meta.idle_for > TRUSTED_FOR {
                    true => is_usable(connection, several).await,
                    false => Ok(true),
                }
            })
        })
        .connect_lazy_with(servers.first())
}

async fn is_usable(connection: &mut PgConnection, one_of_several: bool) -> Result<bool, sqlx::Error> {
    match one_of_several {
        true => servers::takes_writes(connection).await,
        false => connection.ping().await.map(|()| true),
    }
}

/// Makes the pool connect to the server that takes writes, if any of several says so. Does
/// nothing where there is one only.
pub async fn use_writable(pool: &PgPool, servers: &Servers) {
    if servers.are_several()
        && let Some(server) = servers.writable().await
    {
        pool.set_connect_options(server);
    }
}

/// Brings the schema up to date, under an advisory lock, one process at a time.
///
/// # Errors
/// The database's refusal, or a migration that was changed after it ran.
pub async fn migrate(pool: &PgPool) -> Result<(), Error> {
    let mut connection = pool.acquire().await?.detach();
    // A migration may take longer than a request may.
    sqlx::raw_sql("SET client_min_messages = warning; SET statement_timeout = 0; SET lock_timeout = '60s'; SELECT pg_advisory_xact_lock(7301); CREATE SCHEMA IF NOT EXISTS tenantry")
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
