//! Whether a tenant's database accepts connections.

use domain::jobs::StepFailure;
use sqlx::PgConnection;

use super::sql::{failure, quoted, run, sqlstate_of};

/// The connections to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Access {
    /// Whether the database accepts connections.
    pub(crate) is_allowed: bool,
    /// How many connections of clients are open.
    pub(crate) open_connections: i64,
}

/// Selects the connections of clients to the database `$1`. Processes without a user, such as autovacuum, end
/// their work soon, and only a superuser may terminate them. The column `backend_type` would not do: it is null
/// for a process of a role that Tenantry's role may not observe.
const CLIENTS: &str = "FROM pg_stat_activity
    WHERE datname = $1 AND usesysid IS NOT NULL AND pid <> pg_backend_pid()";

/// Returns the access to a database, or `None` if the database does not exist.
///
/// # Errors
/// If the server reports an error or cannot be reached. The other function fails in the same cases.
pub(crate) async fn read_access(
    connection: &mut PgConnection,
    database: &str,
) -> Result<Option<Access>, StepFailure> {
    let sql = format!("SELECT datallowconn, (SELECT count(*) {CLIENTS}) FROM pg_database WHERE datname = $1");
    let row: Option<(bool, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(database)
        .fetch_optional(connection)
        .await
        .map_err(failure)?;
    Ok(row.map(|(is_allowed, open_connections)| Access { is_allowed, open_connections }))
}

/// Allows connections to a database, or refuses them and terminates those of clients, each within 5 s.
///
/// # Errors
/// A permanent failure if Tenantry's role lacks the privilege to terminate connections of the database's
/// clients.
pub(crate) async fn set_access(
    connection: &mut PgConnection,
    database: &str,
    allowed: bool,
) -> Result<(), StepFailure> {
    run(connection, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}", quoted(database))).await?;
    if allowed {
        return Ok(());
    }
    // Signals all of them before it waits for the first.
    for terminate in ["pg_terminate_backend(pid)", "pg_terminate_backend(pid, 5000)"] {
        let sql = format!("SELECT count(*) FILTER (WHERE {terminate}) {CLIENTS}");
        let terminated = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(database).execute(&mut *connection).await;
        terminated.map_err(|error| match sqlstate_of(&error).as_deref() {
            Some("42501") => StepFailure::permanent(
                "Tenantry's role may not end the connections to the database (42501): grant it pg_signal_backend",
            ),
            _ => failure(error),
        })?;
    }
    Ok(())
}
