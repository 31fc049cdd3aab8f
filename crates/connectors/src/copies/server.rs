use std::time::Duration;

use domain::jobs::StepFailure;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::{
    database_options::copy_options,
    identity::replace_identity,
    sql::{failure, literal, quoted, run, sqlstate_of},
};
use crate::settings::{CopyStrategy, PostgresCopies};

/// How long it may take to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Limits the time of statements, lock waits and idle transactions, unless the URL or the role sets other
/// limits. A copy may take as long as its step.
const SET_LIMITS: &str = "
    SELECT set_config(name, value, false)
    FROM (VALUES ('statement_timeout', '600s'), ('lock_timeout', '60s'),
                 ('idle_in_transaction_session_timeout', '60s')) limits (name, value)
    WHERE current_setting(name) = '0'";

/// How many times a drop is attempted while autovacuum runs in the database.
const DROP_ATTEMPTS: u32 = 3;

/// The PostgreSQL server that holds the templates and the copies.
#[derive(Debug, Clone)]
pub(crate) struct CopyServer {
    settings: PostgresCopies,
    /// The login of the template's admin, who stays active in a copy.
    admin_login: Option<String>,
}

impl CopyServer {
    pub(crate) fn new(settings: PostgresCopies) -> Self {
        Self { settings, admin_login: None }
    }

    pub(crate) fn with_admin_login(self, admin_login: Option<String>) -> Self {
        Self { admin_login, ..self }
    }

    /// Connects to a database, by default the one in the URL.
    ///
    /// # Errors
    /// If the URL is invalid or the server cannot be reached. The other functions of this module return the
    /// errors of the server.
    pub(crate) async fn connect(
        &self,
        application_name: &str,
        database: Option<&str>,
    ) -> Result<PgConnection, StepFailure> {
        let options: PgConnectOptions = self
            .settings
            .url
            .expose_secret()
            .parse()
            .map_err(|_| StepFailure::permanent("the URL of the database server is invalid"))?;
        let options = options.application_name(application_name).options([
            ("client_min_messages", "warning"),
            // The server closes the connection soon after the client's machine fails.
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        let options = match database {
            Some(database) => options.database(database),
            None => options,
        };
        let connection = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            sqlx::query(SET_LIMITS).execute(&mut connection).await?;
            Ok(connection)
        };
        match timeout(CONNECT_TIMEOUT, connection).await {
            Ok(connection) => connection.map_err(failure),
            Err(_) => Err(StepFailure::timed_out("the database server did not respond to the connection")),
        }
    }

    /// Connects and terminates every other connection with the same application name. Otherwise, a superseded
    /// worker could rename our copy before the copy is complete, or create another copy.
    pub(crate) async fn connect_exclusively(
        &self,
        application_name: &str,
    ) -> Result<PgConnection, StepFailure> {
        let mut connection = self.connect(application_name, None).await?;
        let terminated: Option<bool> = sqlx::query_scalar(
            "SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
             WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()",
        )
        .bind(application_name)
        .fetch_one(&mut connection)
        .await
        .map_err(failure)?;
        match terminated {
            Some(false) => {
                Err(StepFailure::transient("an earlier attempt is still running in the database server"))
            }
            _ => Ok(connection),
        }
    }

    /// Copies a template to a new database `name`, gives the copy its own identity and the options of the
    /// template, and leaves it closed to connections.
    pub(crate) async fn copy(
        &self,
        connection: &mut PgConnection,
        application_name: &str,
        template: &str,
        name: &str,
    ) -> Result<(), StepFailure> {
        check_version(connection).await?;
        close_to_connections(connection, template).await?;
        let strategy = match self.settings.strategy {
            CopyStrategy::FileCopy => "FILE_COPY",
            CopyStrategy::WalLog => "WAL_LOG",
        };
        let create =
            format!("CREATE DATABASE {} TEMPLATE {} STRATEGY {strategy}", quoted(name), quoted(template));
        let created = sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *connection).await;
        created.map_err(|error| copy_failure(error, template))?;
        // Opens the copy to Tenantry's role. In some versions of PostgreSQL, the copy of a template that is
        // closed to connections is closed too.
        let copy = quoted(name);
        run(
            connection,
            &format!(
                "REVOKE ALL ON DATABASE {copy} FROM PUBLIC; ALTER DATABASE {copy} ALLOW_CONNECTIONS true"
            ),
        )
        .await?;
        let mut copy_connection = self.connect(application_name, Some(name)).await?;
        close_to_others(connection, application_name, name).await?;
        replace_identity(&mut copy_connection, self.admin_login.as_deref()).await?;
        copy_connection.close().await.map_err(failure)?;
        copy_options(connection, template, name).await
    }
}

/// Closes an incomplete copy to connections, and terminates those of other clients, such as monitoring. They
/// could read the template's secrets, and would prevent the copy from being renamed.
async fn close_to_others(
    connection: &mut PgConnection,
    application_name: &str,
    copy: &str,
) -> Result<(), StepFailure> {
    run(connection, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", quoted(copy))).await?;
    let others: Vec<i32> =
        sqlx::query_scalar("SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name <> $2")
            .bind(copy)
            .bind(application_name)
            .fetch_all(&mut *connection)
            .await
            .map_err(failure)?;
    for pid in others {
        let terminated =
            sqlx::query("SELECT pg_terminate_backend($1, 5000)").bind(pid).execute(&mut *connection).await;
        match terminated {
            // Only a superuser may terminate connections of a superuser. While one is open, renaming fails
            // and is retried.
            Err(error) if sqlstate_of(&error).as_deref() != Some("42501") => return Err(failure(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Fails if PostgreSQL is older than version 15, which introduced the strategies of `CREATE DATABASE`.
async fn check_version(connection: &mut PgConnection) -> Result<(), StepFailure> {
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::integer")
        .fetch_one(connection)
        .await
        .map_err(failure)?;
    match version {
        150_000.. => Ok(()),
        _ => Err(StepFailure::permanent(format!(
            "the database server is PostgreSQL {}; copies need version 15 or later",
            version / 10_000
        ))),
    }
}

/// Converts an error of `CREATE DATABASE`. PostgreSQL reports an outdated collation version without a code of
/// its own.
fn copy_failure(error: sqlx::Error, template: &str) -> StepFailure {
    let is_collation_outdated = error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some("XX000") && error.message().contains("collation version")
    });
    match is_collation_outdated {
        true => StepFailure::permanent(format!(
            "the collation version of the template {template} is outdated: rebuild its indexes, then run ALTER DATABASE {} REFRESH COLLATION VERSION",
            quoted(template)
        )),
        false => failure(error),
    }
}

/// Adds our mark to a complete copy, renames it and opens it to connections, in one transaction.
pub(crate) async fn publish(
    connection: &mut PgConnection,
    copy: &str,
    name: &str,
    mark: &str,
) -> Result<(), StepFailure> {
    let (copy, name, mark) = (quoted(copy), quoted(name), literal(mark));
    let sql = format!(
        "BEGIN; COMMENT ON DATABASE {copy} IS {mark}; ALTER DATABASE {copy} RENAME TO {name};
         ALTER DATABASE {name} ALLOW_CONNECTIONS true; COMMIT"
    );
    let published = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
    published.map(drop).map_err(|error| match sqlstate_of(&error).as_deref() {
        Some("55006") => StepFailure::transient("another client is connected to the incomplete copy (55006)"),
        _ => failure(error),
    })
}

/// Returns the mark of a database, which is its comment, or `None` if the database does not exist. The mark
/// is empty if the database has no comment.
pub(crate) async fn read_mark(
    connection: &mut PgConnection,
    database: &str,
) -> Result<Option<String>, StepFailure> {
    sqlx::query_scalar::<_, Option<String>>(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
    )
    .bind(database)
    .fetch_optional(connection)
    .await
    .map(|found| found.map(Option::unwrap_or_default))
    .map_err(failure)
}

/// Drops a database if it exists, and terminates its connections.
///
/// `FORCE` fails with SQLSTATE 42501 while autovacuum runs in the database, because only a superuser may
/// terminate an autovacuum worker. A drop without `FORCE` ends autovacuum, but fails with 55006 if a
/// connection stays open for 5 s.
pub(crate) async fn drop_database(connection: &mut PgConnection, database: &str) -> Result<(), StepFailure> {
    let plain = format!("DROP DATABASE IF EXISTS {}", quoted(database));
    let forced = format!("{plain} WITH (FORCE)");
    for _ in 0..DROP_ATTEMPTS {
        for (sql, retried) in [(&forced, "42501"), (&plain, "55006")] {
            match sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *connection).await {
                Ok(_) => return Ok(()),
                Err(error) if sqlstate_of(&error).as_deref() == Some(retried) => {}
                Err(error) => return Err(failure(error)),
            }
        }
    }
    Err(StepFailure::transient(format!("the connections to the database {database} cannot be terminated")))
}

/// Disallows connections to a template. PostgreSQL copies a template only while it has no connection.
async fn close_to_connections(connection: &mut PgConnection, template: &str) -> Result<(), StepFailure> {
    match is_open(connection, template).await? {
        None => Err(StepFailure::permanent(format!("there is no template database {template}"))),
        Some(false) => Ok(()),
        Some(true) => {
            let close = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", quoted(template));
            match run(connection, &close).await {
                // A concurrent worker may have closed the template; PostgreSQL refuses one of two such
                // statements.
                Err(_) if is_open(connection, template).await? == Some(false) => Ok(()),
                closed => closed,
            }
        }
    }
}

async fn is_open(connection: &mut PgConnection, template: &str) -> Result<Option<bool>, StepFailure> {
    sqlx::query_scalar("SELECT datallowconn FROM pg_database WHERE datname = $1")
        .bind(template)
        .fetch_optional(connection)
        .await
        .map_err(failure)
}
