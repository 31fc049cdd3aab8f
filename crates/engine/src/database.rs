//! The embedded migrations, and the check that the schema is the one of this version.

use std::collections::HashMap;

use sqlx::{
    PgPool,
    migrate::{Migrate, Migrator},
};

use crate::Error;

/// Every migration, embedded in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

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
