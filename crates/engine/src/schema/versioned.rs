//! Versioned migrations. Each runs once. All run in a transaction except for those that begin with
//! `-- no-transaction`.
//!
//! A migration without a transaction builds or drops indexes while calls use the table. It is
//! a list of statements that can be repeated, so that the next run continues an interrupted migration. The
//! calls never wait for an index.

use std::{collections::BTreeMap, time::Duration};

use database::Transaction;
use domain::ErrorCode;
use sqlx::{
    AssertSqlSafe, PgConnection,
    migrate::{Migrate, MigrateError, Migration, Migrator},
};
use tokio::time::{Instant, sleep};

use crate::Error;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// The table with the applied migrations.
const TABLE: &str = "_sqlx_migrations";
/// How long a process waits for another one that migrates, and how long it repeats a migration because the
/// lock of a table was not available.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// How often a process checks whether another one still migrates.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The pause before a migration is repeated because the lock of a table was not available. During the pause,
/// the calls that waited for the migration continue.
const PAUSE: Duration = Duration::from_secs(1);

/// Waits until no other process migrates. The lock ends with the session.
///
/// Does not wait in a statement: building an index waits for the end of all statements, so that both would
/// wait for each other.
///
/// # Errors
/// `SCHEMA_OUT_OF_DATE` if another process still migrates after a minute; the database's error.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), Error> {
    let start = Instant::now();
    while !try_lock(connection).await? {
        if start.elapsed() > MAX_WAIT {
            return Err(ErrorCode::SchemaOutOfDate.into());
        }
        sleep(POLL_INTERVAL).await;
    }
    Ok(())
}

async fn try_lock(connection: &mut PgConnection) -> Result<bool, Error> {
    let locked = sqlx::query_scalar("SELECT pg_try_advisory_lock(7304)").fetch_one(connection).await;
    Ok(locked.map_err(MigrateError::from)?)
}

/// Applies the missing migrations in the order of their versions.
///
/// # Errors
/// The database's error; an applied migration that this version does not have, or has with other content.
pub(super) async fn apply_missing(connection: &mut PgConnection) -> Result<(), Error> {
    let missing = find_missing(connection).await?;
    let is_new_database = missing.len() == MIGRATIONS.iter().len();
    for migration in missing {
        match migration.no_tx {
            false => apply_in_transaction(connection, migration).await?,
            true => apply_statements(connection, migration, is_new_database).await?,
        }
    }
    Ok(())
}

/// Returns whether the database has exactly the migrations of this binary. The table of migrations must
/// exist.
pub(super) async fn are_current(transaction: &mut Transaction) -> Result<bool, Error> {
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations").fetch_all(transaction).await?;
    let expected: BTreeMap<_, _> = MIGRATIONS.iter().map(|m| (m.version, m.checksum.to_vec())).collect();
    Ok(applied.into_iter().collect::<BTreeMap<_, _>>() == expected)
}

async fn find_missing(connection: &mut PgConnection) -> Result<Vec<&'static Migration>, MigrateError> {
    connection.ensure_migrations_table(TABLE).await?;
    let applied = connection.list_applied_migrations(TABLE).await?;
    let applied: BTreeMap<_, _> = applied.into_iter().map(|m| (m.version, m.checksum)).collect();
    if let Some(unknown) = applied.keys().find(|version| !MIGRATIONS.version_exists(**version)) {
        return Err(MigrateError::VersionMissing(*unknown));
    }
    let mut missing = Vec::new();
    for migration in MIGRATIONS.iter() {
        match applied.get(&migration.version) {
            None => missing.push(migration),
            Some(checksum) if *checksum == migration.checksum => {}
            Some(_) => return Err(MigrateError::VersionMismatch(migration.version)),
        }
    }
    Ok(missing)
}

/// Applies a migration. Calls wait behind a migration that waits for the lock of a table, so the migration
/// soon gives up and is repeated.
async fn apply_in_transaction(connection: &mut PgConnection, migration: &Migration) -> Result<(), Error> {
    sqlx::raw_sql("SET lock_timeout = '1s'").execute(&mut *connection).await?;
    let start = Instant::now();
    loop {
        match connection.apply(TABLE, migration).await {
            Err(error) if is_lock_timeout(&error) && start.elapsed() < MAX_WAIT => sleep(PAUSE).await,
            result => return Ok(result.map(drop)?),
        }
    }
}

fn is_lock_timeout(error: &MigrateError) -> bool {
    let MigrateError::ExecuteMigration(error, _) = error else { return false };
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("55P03")
}

/// Applies a migration that builds or drops indexes, one statement after the other. The statements wait for
/// running transactions, but no call waits for the statements. A new database has no calls, and builds the
/// indexes in the usual way, which is faster.
async fn apply_statements(
    connection: &mut PgConnection,
    migration: &Migration,
    is_new_database: bool,
) -> Result<(), Error> {
    sqlx::raw_sql("SET lock_timeout = 0").execute(&mut *connection).await?;
    drop_invalid_indexes(connection, migration).await?;
    for statement in statements(migration) {
        let statement = if is_new_database { statement.replace(" CONCURRENTLY", "") } else { statement };
        let applied = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await;
        applied.map_err(|error| MigrateError::ExecuteMigration(error, migration.version))?;
    }
    // Only records that the migration was applied.
    connection.skip(TABLE, migration).await?;
    Ok(())
}

/// Drops the indexes of an interrupted run of this migration, which PostgreSQL does not complete.
async fn drop_invalid_indexes(connection: &mut PgConnection, migration: &Migration) -> Result<(), Error> {
    let invalid: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I', c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relnamespace = 'tenantry'::regnamespace AND NOT i.indisvalid AND strpos($1, c.relname) > 0",
    )
    .bind(migration.sql.as_str())
    .fetch_all(&mut *connection)
    .await?;
    for index in invalid {
        tracing::warn!(index, "dropping an index whose build was interrupted");
        let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS tenantry.{index}");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The statements of a migration. Each ends with a semicolon at the end of a line.
fn statements(migration: &Migration) -> impl Iterator<Item = String> {
    migration.sql.as_str().split_terminator(";\n").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_without_a_transaction_can_be_interrupted_and_repeated() {
        let repeatable = |statement: &str| {
            let is_sql = |line: &&str| !line.is_empty() && !line.starts_with("--");
            let first = statement.lines().find(is_sql).unwrap();
            first.starts_with("CREATE INDEX CONCURRENTLY IF NOT EXISTS ")
                || first.starts_with("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ")
                || first.starts_with("DROP INDEX CONCURRENTLY IF EXISTS ")
                || first.starts_with("ALTER TABLE ") && first.contains(" VALIDATE CONSTRAINT ")
        };
        for migration in MIGRATIONS.iter().filter(|migration| migration.no_tx) {
            for statement in statements(migration) {
                assert!(repeatable(statement.trim_start()), "{statement}");
            }
        }
    }
}
