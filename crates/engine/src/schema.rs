//! The database schema, embedded in the binary: versioned migrations for tables, and functions that are applied again
//! whenever their content changes. See `migrations/README.md`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    migrate::{Migrate, Migrator},
};

use crate::Error;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Every function, sorted by name.
static FUNCTIONS: &[Function] = include!(concat!(env!("OUT_DIR"), "/functions.rs"));

/// The file of one SQL function.
#[derive(Debug)]
struct Function {
    name: &'static str,
    sql: &'static str,
}

/// Applies the missing migrations, then the functions if any of them changed. An advisory lock ensures that one process
/// does it at a time.
///
/// # Errors
/// The database's error; a migration that changed after it ran; [`Error::Function`] for a function that the database
/// rejects, in which case all functions stay as they were.
pub async fn migrate(pool: &PgPool) -> Result<(), Error> {
    let mut connection = pool.acquire().await?.detach();
    // A migration may run for longer than a statement of a request.
    sqlx::raw_sql(
        "SET client_min_messages = warning; SET statement_timeout = 0; SET lock_timeout = '60s';
         SELECT pg_advisory_xact_lock(7301); CREATE SCHEMA IF NOT EXISTS tenantry",
    )
    .execute(&mut connection)
    .await?;
    MIGRATIONS.run(&mut connection).await?;
    apply_functions(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Returns whether the database has exactly the migrations and functions of this binary.
///
/// # Errors
/// The database's error.
pub async fn is_current(pool: &PgPool) -> Result<bool, Error> {
    let mut connection = pool.acquire().await?;
    Ok(migrations_are_current(&mut connection).await? && functions_are_current(&mut connection).await?)
}

/// A checksum over the migrations and functions of this binary.
pub fn checksum() -> [u8; 32] {
    let mut hasher = Sha256::new();
    MIGRATIONS.iter().for_each(|migration| hasher.update(&migration.checksum));
    for function in FUNCTIONS {
        hasher.update(function.name);
        hasher.update(function.checksum());
    }
    hasher.finalize().into()
}

impl Function {
    fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.sql).into()
    }
}

async fn migrations_are_current(connection: &mut PgConnection) -> Result<bool, Error> {
    if !table_exists(connection, "tenantry._sqlx_migrations").await? {
        return Ok(false);
    }
    let applied = connection.list_applied_migrations("_sqlx_migrations").await.map_err(Error::Migrations)?;
    let applied: BTreeMap<_, _> = applied.into_iter().map(|m| (m.version, m.checksum)).collect();
    let expected = MIGRATIONS.iter().filter(|m| !m.migration_type.is_down_migration());
    Ok(applied == expected.map(|m| (m.version, m.checksum.clone())).collect())
}

/// Applies every function in one transaction unless all of them are current.
async fn apply_functions(connection: &mut PgConnection) -> Result<(), Error> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(
        "SELECT pg_advisory_xact_lock(7301);
         CREATE TABLE IF NOT EXISTS applied_functions (
             name text PRIMARY KEY, checksum bytea NOT NULL, applied_at timestamptz NOT NULL)",
    )
    .execute(&mut *transaction)
    .await?;
    if functions_are_current(&mut transaction).await? {
        return Ok(());
    }
    for function in FUNCTIONS {
        let applied = sqlx::raw_sql(function.sql).execute(&mut *transaction).await;
        applied.map_err(|source| Error::Function { name: function.name, source })?;
    }
    record_functions(&mut transaction).await?;
    drop_stale_functions(&mut transaction).await?;
    transaction.commit().await?;
    tracing::info!(functions = FUNCTIONS.len(), "applied the database functions");
    Ok(())
}

async fn functions_are_current(connection: &mut PgConnection) -> Result<bool, Error> {
    if !table_exists(connection, "tenantry.applied_functions").await? {
        return Ok(false);
    }
    let applied: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT name, checksum FROM applied_functions").fetch_all(connection).await?;
    let applied: BTreeMap<_, _> = applied.into_iter().collect();
    Ok(applied == FUNCTIONS.iter().map(|f| (f.name.to_owned(), f.checksum().to_vec())).collect())
}

async fn record_functions(connection: &mut PgConnection) -> Result<(), Error> {
    let names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    let checksums: Vec<_> = FUNCTIONS.iter().map(|function| function.checksum().to_vec()).collect();
    sqlx::query(
        "INSERT INTO applied_functions AS a (name, checksum, applied_at)
         SELECT name, checksum, now() FROM unnest($1::text[], $2::bytea[]) AS f (name, checksum)
         ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = excluded.applied_at
         WHERE a.checksum <> excluded.checksum",
    )
    .bind(&names)
    .bind(&checksums)
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops the functions that were applied before and that this transaction did not write: their file was deleted, or
/// they have the parameters of an earlier version.
async fn drop_stale_functions(connection: &mut PgConnection) -> Result<(), Error> {
    let stale: Vec<String> = sqlx::query_scalar(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN applied_functions a ON a.name = p.proname
         WHERE p.pronamespace = 'tenantry'::regnamespace AND p.xmin <> pg_current_xact_id()::xid",
    )
    .fetch_all(&mut *connection)
    .await?;
    for function in stale {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP FUNCTION {function}"))).execute(&mut *connection).await?;
    }
    let names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    sqlx::query("DELETE FROM applied_functions WHERE name <> ALL ($1)")
        .bind(&names)
        .execute(connection)
        .await?;
    Ok(())
}

async fn table_exists(connection: &mut PgConnection, name: &str) -> Result<bool, Error> {
    Ok(sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(name).fetch_one(connection).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_file_defines_the_function_that_it_is_named_after() {
        for Function { name, sql } in FUNCTIONS {
            let definitions: Vec<_> = sql.lines().filter(|line| line.starts_with("CREATE ")).collect();
            assert_eq!(definitions.len(), 1, "{name}: {definitions:?}");
            assert!(definitions[0].starts_with(&format!("CREATE OR REPLACE FUNCTION {name}(")), "{name}");
            assert!(sql.starts_with("-- "), "{name} has no comment");
        }
    }

    #[test]
    fn no_migration_defines_a_function_of_the_functions_folder() {
        for migration in MIGRATIONS.iter() {
            for Function { name, .. } in FUNCTIONS {
                assert!(!migration.sql.as_str().contains(&format!("FUNCTION {name}(")), "{name}");
            }
        }
    }

    #[test]
    fn lines_of_sql_have_at_most_120_characters() {
        let sql = MIGRATIONS.iter().map(|m| m.sql.as_str()).chain(FUNCTIONS.iter().map(|f| f.sql));
        for line in sql.flat_map(str::lines) {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}
