//! The warm pool: databases that are copied from a template in advance, so that step 1 only has to rename
//! a database.

use std::{collections::BTreeSet, time::Duration};

use domain::jobs::StepFailure;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::server::{CopyServer, drop_database, failure, quoted, run, state_of};
use crate::settings::{CopySettings, PipelineSettings, PostgresCopies};

const INTERVAL: Duration = Duration::from_secs(5);
/// The interval after a failure: the server may be busy, or the template in use.
const INTERVAL_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// The application name of the connections that fill the pool.
const CONNECTION: &str = "tenantry warm pool";

/// Refills the warm pool of each blueprint's template to the configured size until the task is dropped. An
/// advisory lock ensures that one process refills a pool at a time. Returns immediately if no pool is configured.
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
            if let Err(failure) = refill(copies, template).await {
                tracing::warn!(%failure, template, "could not refill the warm pool");
                interval = INTERVAL_AFTER_FAILURE;
            }
        }
        tokio::time::sleep(interval).await;
    }
}

/// Adds the missing databases to the pool of a template. Drops databases of an earlier template with the
/// same name, and incomplete ones that a crash left behind.
async fn refill(settings: &PostgresCopies, template: &str) -> Result<(), StepFailure> {
    let copies = CopyServer::new(settings.clone());
    let mut server = copies.connect(CONNECTION, None).await?;
    // The lock is held until the connection closes.
    let locked: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended('tenantry pool ' || $1, 0))")
            .bind(template)
            .fetch_one(&mut server)
            .await
            .map_err(failure)?;
    if !locked {
        return Ok(());
    }
    for name in unusable_databases(&mut server, template).await? {
        drop_database(&mut server, &name).await?;
    }
    let existing = pooled_databases(&mut server, template).await?.len();
    for _ in existing..settings.pool_size as usize {
        // The mark is read before the copy: if the template is replaced meanwhile, the mark makes the copy unusable.
        let Some(mark) = mark_for(&mut server, template).await? else {
            return Err(StepFailure::transient(format!("the template {template} is missing or in use")));
        };
        let name = format!("{}{}", name_prefix(&mut server, template).await?, Uuid::now_v7().simple());
        copies.copy(&mut server, CONNECTION, template, &name).await?;
        // Odoo's scheduled jobs, for example, must not run in a database without a tenant.
        let name = quoted(&name);
        run(
            &mut server,
            &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false; COMMENT ON DATABASE {name} IS {mark}"),
        )
        .await?;
        tracing::info!(template, name, "added a database to the warm pool");
    }
    Ok(())
}

/// Takes a database of the template from the pool: renames it to `name` and opens it to connections.
/// Returns false if the pool is empty. No other caller gets the same database.
///
/// # Errors
/// The errors of the server.
pub(crate) async fn take_pooled_database(
    server: &mut PgConnection,
    template: &str,
    name: &str,
) -> Result<bool, StepFailure> {
    for pooled in pooled_databases(server, template).await? {
        let (pooled, name) = (quoted(&pooled), quoted(name));
        let sql =
            format!("ALTER DATABASE {pooled} RENAME TO {name}; ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *server).await {
            Ok(_) => return Ok(true),
            // A concurrent caller took this database.
            Err(error) if matches!(state_of(&error).as_deref(), Some("3D000" | "55006")) => {}
            Err(error) => return Err(failure(error)),
        }
    }
    Ok(false)
}

/// The pooled databases of the current template, in random order, so that concurrent callers rarely
/// choose the same one.
async fn pooled_databases(server: &mut PgConnection, template: &str) -> Result<Vec<String>, StepFailure> {
    let prefix = name_prefix(server, template).await?;
    sqlx::query_scalar(
        "SELECT datname FROM pg_database
         WHERE starts_with(datname, $1) AND shobj_description(oid, 'pg_database') = (
             SELECT 'tenantry:pool:' || datname || ':' || oid FROM pg_database WHERE datname = $2)
         ORDER BY random()",
    )
    .bind(prefix)
    .bind(template)
    .fetch_all(server)
    .await
    .map_err(failure)
}

/// The databases with a name of the pool but without the mark of the current template: incomplete ones,
/// and copies of a template that was replaced.
async fn unusable_databases(server: &mut PgConnection, template: &str) -> Result<Vec<String>, StepFailure> {
    let prefix = name_prefix(server, template).await?;
    sqlx::query_scalar(
        "SELECT datname FROM pg_database
         WHERE starts_with(datname, $1) AND coalesce(shobj_description(oid, 'pg_database'), '') <> coalesce((
             SELECT 'tenantry:pool:' || datname || ':' || oid FROM pg_database WHERE datname = $2), '-')",
    )
    .bind(prefix)
    .bind(template)
    .fetch_all(server)
    .await
    .map_err(failure)
}

/// The mark of a pooled database, as an SQL literal. It contains the object id of the template, so a
/// replaced template has another mark. `None` while the template is missing or open to connections, because
/// an open template may be incomplete.
async fn mark_for(server: &mut PgConnection, template: &str) -> Result<Option<String>, StepFailure> {
    sqlx::query_scalar(
        "SELECT quote_literal('tenantry:pool:' || datname || ':' || oid) FROM pg_database
         WHERE datname = $1 AND NOT datallowconn",
    )
    .bind(template)
    .fetch_optional(server)
    .await
    .map_err(failure)
}

/// The name prefix of the pooled databases of a template. It contains the object id of the database that
/// holds the advisory lock, because advisory locks are local to a database.
async fn name_prefix(server: &mut PgConnection, template: &str) -> Result<String, StepFailure> {
    sqlx::query_scalar(
        "SELECT 'tenantry-pool-' || left(md5($1 || ' ' || oid), 8) || '-' FROM pg_database
         WHERE datname = current_database()",
    )
    .bind(template)
    .fetch_one(server)
    .await
    .map_err(failure)
}
