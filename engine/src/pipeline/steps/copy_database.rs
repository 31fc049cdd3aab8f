use std::time::Duration;

use async_trait::async_trait;
use domain::pipeline::{Blueprint, StepFailure};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::pipeline::{Job, StepWork, settings::CopyStrategy};

/// Copies of large templates take their time (SPEC section 6).
const TIMEOUT: Duration = Duration::from_secs(600);

/// Copies a template database, in PostgreSQL itself.
///
/// A copy is made under a name that holds the request's id, so that whatever a kill leaves behind is
/// known to be ours; it gets its own identity and our mark there, and only then, in one
/// transaction, its name. Under its final name it is therefore whole, and a database of that name
/// without our mark is somebody else's and never touched.
#[derive(Debug)]
pub struct CopyDatabase {
    url: SecretString,
    strategy: CopyStrategy,
    blueprints: Vec<Blueprint>,
}

impl CopyDatabase {
    pub fn new(url: SecretString, strategy: CopyStrategy, blueprints: Vec<Blueprint>) -> Self {
        Self { url, strategy, blueprints }
    }

    fn template(&self, job: &Job) -> Result<&str, StepFailure> {
        let blueprint = self.blueprints.iter().find(|blueprint| blueprint.name == job.blueprint);
        let template = blueprint.and_then(|blueprint| blueprint.template.as_deref());
        template
            .ok_or_else(|| StepFailure::lasting(format!("the blueprint {} has no template", job.blueprint)))
    }

    /// A connection to the given database, or to the one that the URL names. Its name tells the job.
    async fn connect(&self, job: &Job, database: Option<&str>) -> Result<PgConnection, StepFailure> {
        let options: PgConnectOptions = self
            .url
            .expose_secret()
            .parse()
            .map_err(|_| StepFailure::lasting("the URL of the database server cannot be read"))?;
        let options =
            options.application_name(&connection_name(job)).options([("client_min_messages", "warning")]);
        let options = match database {
            Some(database) => options.database(database),
            None => options,
        };
        PgConnection::connect_with(&options).await.map_err(failure)
    }

    /// A connection that is the job's only one. A worker that was thought lost, or the backend that
    /// it left behind, would else go on beside us: rename our copy before it is whole, or make one
    /// that nobody knows of.
    async fn connect_alone(&self, job: &Job) -> Result<PgConnection, StepFailure> {
        let mut server = self.connect(job, None).await?;
        let ended: Option<bool> = sqlx::query_scalar(
            "SELECT bool_and(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
             WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()",
        )
        .bind(connection_name(job))
        .fetch_one(&mut server)
        .await
        .map_err(failure)?;
        match ended {
            Some(false) => {
                Err(StepFailure::passing("an earlier try is still at work in the database server"))
            }
            _ => Ok(server),
        }
    }
}

#[async_trait]
impl StepWork for CopyDatabase {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let mut server = self.connect(job, None).await?;
        match mark_of(&mut server, &job.database()).await? {
            None => Ok(None),
            Some(mark) if mark == mark_for(job) => Ok(Some(job.database())),
            Some(_) => {
                Err(StepFailure::lasting(format!("a database {} is there and is not ours", job.database())))
            }
        }
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let template = self.template(job)?;
        let unfinished = unfinished_name(job);
        let mut server = self.connect_alone(job).await?;
        // Whoever was thought lost may have been done a moment ago.
        if mark_of(&mut server, &job.database()).await? == Some(mark_for(job)) {
            return Ok(());
        }
        close_to_connections(&mut server, template).await?;
        // What an earlier try left may be half prepared.
        drop_database(&mut server, &unfinished).await?;
        let strategy = match self.strategy {
            CopyStrategy::FileCopy => "FILE_COPY",
            CopyStrategy::WalLog => "WAL_LOG",
        };
        run(
            &mut server,
            &format!(
                "CREATE DATABASE {} TEMPLATE {} STRATEGY {strategy}",
                quoted(&unfinished),
                quoted(template)
            ),
        )
        .await?;
        // A copy of a closed template is closed too, in some versions.
        run(&mut server, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", quoted(&unfinished))).await?;
        let mut copy = self.connect(job, Some(&unfinished)).await?;
        give_identity(&mut copy).await?;
        copy.close().await.map_err(failure)?;
        let (name, mark) = (quoted(&job.database()), mark_for(job));
        run(
            &mut server,
            &format!(
                "BEGIN; COMMENT ON DATABASE {0} IS '{mark}'; ALTER DATABASE {0} RENAME TO {name}; COMMIT",
                quoted(&unfinished)
            ),
        )
        .await
    }

    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        let mut server = self.connect_alone(job).await?;
        drop_database(&mut server, &unfinished_name(job)).await?;
        match mark_of(&mut server, &job.database()).await? {
            Some(mark) if mark == mark_for(job) => drop_database(&mut server, &job.database()).await,
            _ => Ok(()),
        }
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }
}

/// The comment that says whose a database is.
fn mark_for(job: &Job) -> String {
    format!("tenantry:request:{}", job.request_id)
}

/// What the job's connections are called at the server.
fn connection_name(job: &Job) -> String {
    format!("tenantry copy {}", job.request_id.simple())
}

/// The name until it is whole; nobody else has one with our request's id.
fn unfinished_name(job: &Job) -> String {
    format!("{}--{}", job.database(), job.request_id.simple())
}

/// The comment on a database, empty where it has none; none where it is not there.
async fn mark_of(server: &mut PgConnection, database: &str) -> Result<Option<String>, StepFailure> {
    sqlx::query_scalar::<_, Option<String>>(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
    )
    .bind(database)
    .fetch_optional(server)
    .await
    .map(|found| found.map(Option::unwrap_or_default))
    .map_err(failure)
}

/// A template can be copied only while nobody is connected to it.
async fn close_to_connections(server: &mut PgConnection, template: &str) -> Result<(), StepFailure> {
    let is_open: Option<bool> = sqlx::query_scalar("SELECT datallowconn FROM pg_database WHERE datname = $1")
        .bind(template)
        .fetch_optional(&mut *server)
        .await
        .map_err(failure)?;
    match is_open {
        None => Err(StepFailure::lasting(format!("there is no template database {template}"))),
        Some(false) => Ok(()),
        Some(true) => {
            run(server, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", quoted(template))).await
        }
    }
}

async fn drop_database(server: &mut PgConnection, database: &str) -> Result<(), StepFailure> {
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(database));
    let dropped = sqlx::raw_sql(AssertSqlSafe(sql)).execute(server).await;
    dropped.map(drop).map_err(|error| match state_of(&error).as_deref() {
        // The server's own clean-up (autovacuum) is not ours to end; it is soon done.
        Some("42501") => StepFailure::passing("the database server is at work in the copy (42501)"),
        _ => failure(error),
    })
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

async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), StepFailure> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map_err(failure)?;
    Ok(())
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// What the database server said, without its words where they could tell more than the state.
fn failure(error: sqlx::Error) -> StepFailure {
    match state_of(&error).as_deref() {
        Some("55006") => StepFailure::passing("the template is in use (55006)"),
        Some(state @ ("28000" | "28P01" | "42501" | "3D000" | "42601")) => {
            StepFailure::lasting(format!("the database server refused ({state})"))
        }
        Some(state) => StepFailure::passing(format!("the database server refused ({state})")),
        None => StepFailure::passing("the database server cannot be reached"),
    }
}

fn state_of(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
