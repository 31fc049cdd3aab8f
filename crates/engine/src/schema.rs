//! The database schema, embedded in the binary: versioned migrations for tables, and functions that are
//! applied again whenever their content changes. See `migrations/README.md`.

mod missing_role;
pub(crate) mod roles;
mod versioned;

use std::time::Duration;

use database::Database;
use domain::slug::RESERVED;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Postgres, migrate::MigrateError};

pub use self::missing_role::MissingRole;
use self::versioned::MIGRATIONS;
use crate::Error;

/// Every function, sorted by name.
static FUNCTIONS: &[Function] = include!(concat!(env!("OUT_DIR"), "/functions.rs"));

/// The file of one SQL function.
#[derive(Debug)]
struct Function {
    name: &'static str,
    /// The content of the file, with placeholders.
    template: &'static str,
}

impl Function {
    /// The statement that creates the function. The reserved slugs of `domain` replace their placeholder.
    fn sql(&self) -> String {
        self.template.replace("${reserved_slugs}", &RESERVED.join(","))
    }
}

/// How long the check of the schema may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(15);

/// Creates the missing roles and applies the missing migrations, then the functions unless they are current.
/// An advisory lock ensures that one process migrates at a time. Calls continue while indexes are built.
///
/// # Errors
/// The database's error; a migration that changed after it ran; `SCHEMA_OUT_OF_DATE` if another process still
/// migrates after a minute; [`Error::MissingRole`] if the roles of row level security are missing and the role
/// of the connection may not create them; [`Error::Function`] for a function that the database rejects, in
/// which case all functions remain unchanged.
pub async fn migrate(database: &Database) -> Result<(), Error> {
    run(database, false).await
}

/// Like [`migrate`], but keeps the functions if another version has replaced those of this binary. Otherwise,
/// two versions that run at the same time would repeatedly replace each other's functions.
///
/// # Errors
/// The errors of [`migrate`].
pub async fn migrate_unless_superseded(database: &Database) -> Result<(), Error> {
    run(database, true).await
}

/// Returns whether the database has exactly the migrations and functions of this binary.
///
/// # Errors
/// The database's error.
pub async fn is_current(database: &Database) -> Result<bool, Error> {
    let check = async {
        let mut transaction = database.pool().begin().await?;
        let is_current = table_exists(&mut transaction, "tenantry._sqlx_migrations").await?
            && versioned::are_current(&mut transaction).await?
            && function_set_state(&mut transaction).await? == FunctionSetState::Current;
        transaction.commit().await?;
        Ok(is_current)
    };
    // Without this timeout, the check could wait forever for a server that has stopped responding, and would
    // not notice a failover.
    tokio::time::timeout(CHECK_TIMEOUT, check).await.map_err(|_| sqlx::Error::PoolTimedOut)?
}

/// A checksum over the migrations and functions of this binary.
pub fn checksum() -> [u8; 32] {
    let mut hasher = Sha256::new();
    MIGRATIONS.iter().for_each(|migration| hasher.update(&migration.checksum));
    hasher.update(functions_checksum());
    hasher.finalize().into()
}

/// A checksum over the functions of this binary.
fn functions_checksum() -> [u8; 32] {
    let mut hasher = Sha256::new();
    for function in FUNCTIONS {
        hasher.update(function.name);
        hasher.update(Sha256::digest(function.sql()));
    }
    hasher.finalize().into()
}

async fn run(database: &Database, keep_superseding_functions: bool) -> Result<(), Error> {
    let mut connection = database.connect().await?;
    // A migration may run for longer than a statement of a request.
    sqlx::raw_sql("SET client_min_messages = warning; SET statement_timeout = 0")
        .execute(&mut connection)
        .await
        .map_err(MigrateError::from)?;
    versioned::lock(&mut connection).await?;
    sqlx::raw_sql("CREATE SCHEMA IF NOT EXISTS tenantry")
        .execute(&mut connection)
        .await
        .map_err(MigrateError::from)?;
    roles::ensure(&mut connection).await?;
    versioned::apply_missing(&mut connection).await?;
    apply_functions(&mut connection, keep_superseding_functions).await?;
    connection.close().await?;
    Ok(())
}

/// Applies every function in one transaction. Does nothing if the functions are current, or if another
/// version has replaced them and `keep_superseding` is true.
async fn apply_functions(connection: &mut PgConnection, keep_superseding: bool) -> Result<(), Error> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(
        "SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(7301);
         CREATE TABLE IF NOT EXISTS function_sets (
             checksum bytea PRIMARY KEY, names text[] NOT NULL, applied_at timestamptz NOT NULL)",
    )
    .execute(&mut *transaction)
    .await?;
    match function_set_state(&mut *transaction).await? {
        FunctionSetState::Current => return Ok(()),
        FunctionSetState::Superseded if keep_superseding => return Ok(()),
        FunctionSetState::Superseded | FunctionSetState::Missing => {}
    }
    // `CREATE OR REPLACE` cannot change the return type or the parameter names of a function.
    drop_functions(&mut transaction).await?;
    for function in FUNCTIONS {
        let applied = sqlx::raw_sql(AssertSqlSafe(function.sql())).execute(&mut *transaction).await;
        applied.map_err(|source| Error::Function { name: function.name, source })?;
    }
    record_function_set(&mut transaction).await?;
    transaction.commit().await?;
    tracing::info!(functions = FUNCTIONS.len(), "applied the database functions");
    Ok(())
}

/// How the functions in the database relate to those of this binary.
#[derive(Debug, PartialEq, Eq)]
enum FunctionSetState {
    /// The functions of this binary are in effect.
    Current,
    /// Another version has replaced the functions of this binary.
    Superseded,
    /// The functions of this binary were never applied.
    Missing,
}

/// `function_sets` has a row for each set of functions that was ever applied. The latest one is in effect.
async fn function_set_state<E>(transaction: &mut E) -> Result<FunctionSetState, Error>
where
    for<'e> &'e mut E: Executor<'e, Database = Postgres>,
{
    if !table_exists(&mut *transaction, "tenantry.function_sets").await? {
        return Ok(FunctionSetState::Missing);
    }
    let in_effect: Option<bool> = sqlx::query_scalar(
        "SELECT applied_at = (SELECT max(applied_at) FROM function_sets) FROM function_sets WHERE checksum = $1",
    )
    .bind(functions_checksum())
    .fetch_optional(transaction)
    .await?;
    Ok(match in_effect {
        Some(true) => FunctionSetState::Current,
        Some(false) => FunctionSetState::Superseded,
        None => FunctionSetState::Missing,
    })
}

async fn record_function_set(connection: &mut PgConnection) -> Result<(), Error> {
    let names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    sqlx::query(
        "INSERT INTO function_sets (checksum, names, applied_at) VALUES ($1, $2, clock_timestamp())
         ON CONFLICT (checksum) DO UPDATE SET applied_at = excluded.applied_at",
    )
    .bind(functions_checksum())
    .bind(&names)
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops the functions of all earlier sets.
async fn drop_functions(connection: &mut PgConnection) -> Result<(), Error> {
    let functions: Vec<String> = sqlx::query_scalar(
        "SELECT p.oid::regprocedure::text FROM pg_proc p
         WHERE p.pronamespace = 'tenantry'::regnamespace AND p.proname IN (SELECT unnest(names) FROM function_sets)",
    )
    .fetch_all(&mut *connection)
    .await?;
    for function in functions {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP FUNCTION {function}"))).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn table_exists<'e>(
    executor: impl Executor<'e, Database = Postgres>,
    name: &'e str,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(name).fetch_one(executor).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_file_defines_the_function_of_the_same_name() {
        for Function { name, template } in FUNCTIONS {
            let definitions: Vec<_> = template.lines().filter(|line| line.starts_with("CREATE ")).collect();
            assert_eq!(definitions.len(), 1, "{name}: {definitions:?}");
            assert!(definitions[0].starts_with(&format!("CREATE OR REPLACE FUNCTION {name}(")), "{name}");
            assert!(template.starts_with("-- "), "{name} has no comment");
        }
    }

    #[test]
    fn versioned_migrations_define_no_repeatable_function() {
        for migration in MIGRATIONS.iter() {
            for Function { name, .. } in FUNCTIONS {
                assert!(!migration.sql.as_str().contains(&format!("FUNCTION {name}(")), "{name}");
            }
        }
    }

    #[test]
    fn lines_of_sql_have_at_most_120_characters() {
        let sql = MIGRATIONS.iter().map(|m| m.sql.as_str()).chain(FUNCTIONS.iter().map(|f| f.template));
        for line in sql.flat_map(str::lines) {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}
