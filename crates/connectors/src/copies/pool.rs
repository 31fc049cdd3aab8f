//! The warm pool: databases that are copied from a template in advance, so that step 1 only has to rename
//! a database.

use std::{collections::BTreeSet, time::Duration};

use domain::jobs::StepFailure;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{
    server::{CopyServer, drop_database},
    sql::{failure, literal, quoted, run, sqlstate_of},
};
use crate::settings::{CopySettings, PipelineSettings};

/// How often the pools are checked.
const INTERVAL: Duration = Duration::from_secs(5);
/// The interval after a failure: the server may be busy, or the template open to connections.
const INTERVAL_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// The application name of the connections that fill the pool.
const APPLICATION_NAME: &str = "tenantry warm pool";

/// Keeps the warm pool of each blueprint's template at the configured size, until the future is dropped. An
/// advisory lock ensures that one process refills a pool at a time. Returns immediately if no pool is
/// configured.
pub async fn refill_pool(settings: &PipelineSettings) {
    let Some(CopySettings::Postgres(copies)) = &settings.copy else { return };
    if copies.pool_size == 0 {
        return;
    }
    let templates: BTreeSet<&str> =
        settings.blueprints.iter().filter_map(|blueprint| blueprint.template.as_deref()).collect();
    loop {
        let mut interval = INTERVAL;
        for template in &templates {
            let server = CopyServer::new(copies.clone()).with_admin_login(settings.admin_login());
            if let Err(failure) = refill(&server, copies.pool_size, template).await {
                tracing::warn!(%failure, template, "could not refill the warm pool");
                interval = INTERVAL_AFTER_FAILURE;
            }
        }
        tokio::time::sleep(interval).await;
    }
}

/// Adds the missing databases to the pool of a template. Drops copies of a replaced template, and
/// incomplete copies that a crash left behind.
async fn refill(server: &CopyServer, size: u32, template: &str) -> Result<(), StepFailure> {
    let mut connection = server.connect(APPLICATION_NAME, None).await?;
    // Nothing waits for a copy that is created ahead of demand.
    run(&mut connection, "SET statement_timeout = 0").await?;
    // The lock is held until the connection closes.
    let locked: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended('tenantry pool ' || $1, 0))")
            .bind(template)
            .fetch_one(&mut connection)
            .await
            .map_err(failure)?;
    if !locked {
        return Ok(());
    }
    let (usable, unusable): (Vec<_>, Vec<_>) = pooled_databases(&mut connection, template)
        .await?
        .into_iter()
        .partition(|database| database.is_usable);
    for database in unusable {
        drop_database(&mut connection, &database.name).await?;
    }
    for _ in usable.len()..size as usize {
        // The mark is read before the copy. If the template is replaced meanwhile, the mark makes the copy
        // unusable.
        let mark = match find_template(&mut connection, template).await? {
            Some(template) if template.is_closed => template.mark,
            _ => {
                return Err(StepFailure::transient(format!(
                    "the template {template} is missing or open to connections"
                )));
            }
        };
        let name = format!("{}{}", name_prefix(&mut connection, template).await?, Uuid::now_v7().simple());
        server.copy(&mut connection, APPLICATION_NAME, template, &name).await?;
        // The database stays closed, because Odoo must not run scheduled jobs in a database without a tenant.
        let (database, mark) = (quoted(&name), literal(&mark));
        run(&mut connection, &format!("COMMENT ON DATABASE {database} IS {mark}")).await?;
        tracing::info!(template, name, "added a database to the warm pool");
    }
    Ok(())
}

/// Takes a database of the template from the pool: renames it to `name`. The database stays closed to
/// connections. Returns false if the pool is empty. No other caller gets the same database.
///
/// # Errors
/// The errors of the server.
pub(crate) async fn take_pooled_database(
    connection: &mut PgConnection,
    template: &str,
    name: &str,
) -> Result<bool, StepFailure> {
    for database in pooled_databases(connection, template).await?.iter().filter(|database| database.is_usable)
    {
        let sql = format!("ALTER DATABASE {} RENAME TO {}", quoted(&database.name), quoted(name));
        match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await {
            Ok(_) => return Ok(true),
            // A concurrent caller took this database.
            Err(error) if matches!(sqlstate_of(&error).as_deref(), Some("3D000" | "55006")) => {}
            Err(error) => return Err(failure(error)),
        }
    }
    Ok(false)
}

/// A database whose name belongs to the pool of a template.
struct PooledDatabase {
    name: String,
    /// Whether the database has the mark of the current template. A database without this mark is incomplete,
    /// or a copy of a template that was replaced.
    is_usable: bool,
}

/// Returns the databases in the pool of a template, in random order, so that concurrent callers rarely choose
/// the same database.
async fn pooled_databases(
    connection: &mut PgConnection,
    template: &str,
) -> Result<Vec<PooledDatabase>, StepFailure> {
    let prefix = name_prefix(connection, template).await?;
    let mark = find_template(connection, template).await?.map(|template| template.mark);
    let rows: Vec<(String, bool)> = sqlx::query_as(
        "SELECT datname, coalesce(shobj_description(oid, 'pg_database') = $2, false) FROM pg_database
         WHERE starts_with(datname, $1) ORDER BY random()",
    )
    .bind(prefix)
    .bind(mark)
    .fetch_all(connection)
    .await
    .map_err(failure)?;
    Ok(rows.into_iter().map(|(name, is_usable)| PooledDatabase { name, is_usable }).collect())
}

/// A template database.
struct Template {
    /// The mark of its copies in the pool. The mark contains a version number of the procedure that prepares
    /// copies, and the object ID of the template, so that a replaced template has another mark.
    mark: String,
    /// Whether the template refuses connections. An open template may be incomplete.
    is_closed: bool,
}

async fn find_template(connection: &mut PgConnection, name: &str) -> Result<Option<Template>, StepFailure> {
    let row: Option<(String, bool)> = sqlx::query_as(
        "SELECT 'tenantry:pool:2:' || datname || ':' || oid, NOT datallowconn FROM pg_database WHERE datname = $1",
    )
    .bind(name)
    .fetch_optional(connection)
    .await
    .map_err(failure)?;
    Ok(row.map(|(mark, is_closed)| Template { mark, is_closed }))
}

/// The name prefix of the pooled databases of a template. The prefix depends on the object ID of the database
/// that this process connects to: processes that connect to another database do not share the advisory lock,
/// so they must have their own pool.
async fn name_prefix(connection: &mut PgConnection, template: &str) -> Result<String, StepFailure> {
    sqlx::query_scalar(
        "SELECT 'tenantry-pool-' || left(md5($1 || ' ' || oid), 8) || '-' FROM pg_database
         WHERE datname = current_database()",
    )
    .bind(template)
    .fetch_one(connection)
    .await
    .map_err(failure)
}
