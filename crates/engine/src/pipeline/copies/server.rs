use domain::jobs::StepFailure;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::pipeline::settings::{CopyStrategy, PostgresCopies};

/// The server that the copies are made in.
#[derive(Debug, Clone)]
pub struct CopyServer {
    settings: PostgresCopies,
}

impl CopyServer {
    pub fn new(settings: PostgresCopies) -> Self {
        Self { settings }
    }

    /// A connection to the given database, or to the one that the URL names, known there by `name`.
    pub async fn connect(&self, name: &str, database: Option<&str>) -> Result<PgConnection, StepFailure> {
        let options: PgConnectOptions = self
            .settings
            .url
            .expose_secret()
            .parse()
            .map_err(|_| StepFailure::permanent("the URL of the database server cannot be read"))?;
        let options = options.application_name(name).options([
            ("client_min_messages", "warning"),
            // A machine that vanished keeps nothing locked for long.
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        let options = match database {
            Some(database) => options.database(database),
            None => options,
        };
        PgConnection::connect_with(&options).await.map_err(failure)
    }

    /// A connection that is the only one of its name. Whoever was thought lost, or the backend that it
    /// left behind, would else go on beside us: rename our copy before it is whole, or make one that
    /// nobody knows of.
    pub async fn connect_alone(&self, name: &str) -> Result<PgConnection, StepFailure> {
        let mut server = self.connect(name, None).await?;
        let ended: Option<bool> = sqlx::query_scalar(
            "SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
             WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()",
        )
        .bind(name)
        .fetch_one(&mut server)
        .await
        .map_err(failure)?;
        match ended {
            Some(false) => {
                Err(StepFailure::transient("an earlier try is still at work in the database server"))
            }
            _ => Ok(server),
        }
    }

    /// Copies a template under a name that only its maker knows, with an identity of its own.
    pub async fn copy(
        &self,
        server: &mut PgConnection,
        connection_name: &str,
        template: &str,
        name: &str,
    ) -> Result<(), StepFailure> {
        close_to_connections(server, template).await?;
        let strategy = match self.settings.strategy {
            CopyStrategy::FileCopy => "FILE_COPY",
            CopyStrategy::WalLog => "WAL_LOG",
        };
        let (copy, template) = (quoted(name), quoted(template));
        run(server, &format!("CREATE DATABASE {copy} TEMPLATE {template} STRATEGY {strategy}")).await?;
        // A copy of a closed template is closed too, in some versions.
        run(server, &format!("ALTER DATABASE {copy} ALLOW_CONNECTIONS true")).await?;
        let mut copy = self.connect(connection_name, Some(name)).await?;
        give_identity(&mut copy).await?;
        copy.close().await.map_err(failure)
    }
}

/// Gives a whole copy its mark and its final name, both or neither.
pub async fn publish(
    server: &mut PgConnection,
    copy: &str,
    name: &str,
    mark: &str,
) -> Result<(), StepFailure> {
    let (copy, name) = (quoted(copy), quoted(name));
    run(
        server,
        &format!(
            "BEGIN; COMMENT ON DATABASE {copy} IS '{mark}'; ALTER DATABASE {copy} RENAME TO {name}; COMMIT"
        ),
    )
    .await
}

/// The comment on a database, empty where it has none; none where it is not there.
pub async fn mark_of(server: &mut PgConnection, database: &str) -> Result<Option<String>, StepFailure> {
    sqlx::query_scalar::<_, Option<String>>(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
    )
    .bind(database)
    .fetch_optional(server)
    .await
    .map(|found| found.map(Option::unwrap_or_default))
    .map_err(failure)
}

/// Drops a database, if it is there, under its users' feet.
pub async fn drop_database(server: &mut PgConnection, database: &str) -> Result<(), StepFailure> {
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(database));
    let dropped = sqlx::raw_sql(AssertSqlSafe(sql)).execute(server).await;
    dropped.map(drop).map_err(|error| match state_of(&error).as_deref() {
        // The server's own clean-up (autovacuum) is not ours to end; it is soon done.
        Some("42501") => StepFailure::transient("the database server is at work in the copy (42501)"),
        _ => failure(error),
    })
}

/// A template can be copied only while nobody is connected to it.
async fn close_to_connections(server: &mut PgConnection, template: &str) -> Result<(), StepFailure> {
    match is_open(server, template).await? {
        None => Err(StepFailure::permanent(format!("there is no template database {template}"))),
        Some(false) => Ok(()),
        Some(true) => {
            let close = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", quoted(template));
            match run(server, &close).await {
                // Of two who do so at once PostgreSQL refuses one.
                Err(_) if is_open(server, template).await? == Some(false) => Ok(()),
                closed => closed,
            }
        }
    }
}

async fn is_open(server: &mut PgConnection, template: &str) -> Result<Option<bool>, StepFailure> {
    sqlx::query_scalar("SELECT datallowconn FROM pg_database WHERE datname = $1")
        .bind(template)
        .fetch_optional(server)
        .await
        .map_err(failure)
}

/// Two Odoo databases must never share these (`ir_config_parameter`). Others have no such table.
async fn give_identity(copy: &mut PgConnection) -> Result<(), StepFailure> {
    let is_odoo: bool = sqlx::query_scalar("SELECT to_regclass('public.ir_config_parameter') IS NOT NULL")
        .fetch_one(&mut *copy)
        .await
        .map_err(failure)?;
    if !is_odoo {
        return Ok(());
    }
    sqlx::query(
        "UPDATE ir_config_parameter SET value = CASE key WHEN 'database.uuid' THEN $1 ELSE $2 END
         WHERE key IN ('database.uuid', 'database.secret')",
    )
    .bind(Uuid::new_v4().to_string())
    .bind(Uuid::new_v4().to_string())
    .execute(copy)
    .await
    .map_err(failure)?;
    Ok(())
}

pub(super) async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), StepFailure> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map_err(failure)?;
    Ok(())
}

pub(super) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// What the database server said, without its words where they could tell more than the state.
pub(super) fn failure(error: sqlx::Error) -> StepFailure {
    match state_of(&error).as_deref() {
        Some("55006") => StepFailure::transient("the template is in use (55006)"),
        Some(state @ ("28000" | "28P01" | "42501" | "3D000" | "42601")) => {
            StepFailure::permanent(format!("the database server refused ({state})"))
        }
        Some(state) => StepFailure::transient(format!("the database server refused ({state})")),
        None => StepFailure::transient("the database server cannot be reached"),
    }
}

pub(super) fn state_of(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
