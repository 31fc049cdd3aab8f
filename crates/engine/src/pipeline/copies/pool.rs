//! The warm pool: copies that are made before anybody asks, so that handing one over is a rename.

use std::{collections::BTreeSet, time::Duration};

use domain::jobs::StepFailure;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::server::{CopyServer, drop_database, failure, quoted, run, state_of};
use crate::{
    Engine,
    pipeline::settings::{CopySettings, PostgresCopies},
};

const PAUSE: Duration = Duration::from_secs(5);
/// After a failure: the server may be busy, or the template in use.
const LONG_PAUSE: Duration = Duration::from_secs(30);

/// What the keeper's connections are called at the server.
const CONNECTION: &str = "tenantry ready copies";

/// Keeps as many ready copies of each blueprint's template as are configured, without end. Of all
/// processes one does it at a time. Returns at once where none are to be kept.
pub async fn refill_pool(engine: Engine) {
    let pipeline = engine.pipeline();
    let Some(CopySettings::Postgres(settings)) = &pipeline.copy else { return };
    if settings.ready == 0 {
        return;
    }
    let templates: BTreeSet<&str> =
        pipeline.blueprints.iter().filter_map(|blueprint| blueprint.template.as_deref()).collect();
    loop {
        let mut pause = PAUSE;
        for template in &templates {
            if let Err(failure) = fill(settings, template).await {
                tracing::warn!(%failure, template, "the ready copies are not all there");
                pause = LONG_PAUSE;
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// Makes what is missing of a template's ready copies, and drops those of an earlier template of that
/// name, and what a keeper that died left half made.
async fn fill(settings: &PostgresCopies, template: &str) -> Result<(), StepFailure> {
    let copies = CopyServer::new(settings.clone());
    let mut server = copies.connect(CONNECTION, None).await?;
    // Kept until the connection ends.
    let mine: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended('tenantry ready ' || $1, 0))")
            .bind(template)
            .fetch_one(&mut server)
            .await
            .map_err(failure)?;
    if !mine {
        return Ok(());
    }
    for name in of_no_use(&mut server, template).await? {
        drop_database(&mut server, &name).await?;
    }
    let there = ready(&mut server, template).await?.len();
    for _ in there..settings.ready as usize {
        // Before the copy: of a template that is made anew meanwhile it is of no use.
        let Some(mark) = mark_for(&mut server, template).await? else {
            return Err(StepFailure::transient(format!("the template {template} is open or not there")));
        };
        let name = format!("{}{}", name_prefix(&mut server, template).await?, Uuid::now_v7().simple());
        copies.copy(&mut server, CONNECTION, template, &name).await?;
        // Nobody is to work in it, Odoo's scheduled jobs for one, before it is a tenant's.
        let name = quoted(&name);
        run(
            &mut server,
            &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false; COMMENT ON DATABASE {name} IS {mark}"),
        )
        .await?;
        tracing::info!(template, name, "a copy is ready");
    }
    Ok(())
}

/// Takes a ready copy of the template, if there is one: from now on it has the given name, and nobody
/// else takes it.
pub async fn take(server: &mut PgConnection, template: &str, name: &str) -> Result<bool, StepFailure> {
    for copy in ready(server, template).await? {
        let (copy, name) = (quoted(&copy), quoted(name));
        let sql =
            format!("ALTER DATABASE {copy} RENAME TO {name}; ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *server).await {
            Ok(_) => return Ok(true),
            // Another was faster.
            Err(error) if matches!(state_of(&error).as_deref(), Some("3D000" | "55006")) => {}
            Err(error) => return Err(failure(error)),
        }
    }
    Ok(false)
}

/// The ready copies of the template as it is now; in no order, so that two takers seldom meet.
async fn ready(server: &mut PgConnection, template: &str) -> Result<Vec<String>, StepFailure> {
    let prefix = name_prefix(server, template).await?;
    sqlx::query_scalar(
        "SELECT datname FROM pg_database
         WHERE starts_with(datname, $1) AND shobj_description(oid, 'pg_database') = (
             SELECT 'tenantry:ready:' || datname || ':' || oid FROM pg_database WHERE datname = $2)
         ORDER BY random()",
    )
    .bind(prefix)
    .bind(template)
    .fetch_all(server)
    .await
    .map_err(failure)
}

/// Those under our names without our mark, which only the keeper makes, or with that of a template
/// that is gone.
async fn of_no_use(server: &mut PgConnection, template: &str) -> Result<Vec<String>, StepFailure> {
    let prefix = name_prefix(server, template).await?;
    sqlx::query_scalar(
        "SELECT datname FROM pg_database
         WHERE starts_with(datname, $1) AND coalesce(shobj_description(oid, 'pg_database'), '') <> coalesce((
             SELECT 'tenantry:ready:' || datname || ':' || oid FROM pg_database WHERE datname = $2), '-')",
    )
    .bind(prefix)
    .bind(template)
    .fetch_all(server)
    .await
    .map_err(failure)
}

/// The mark of a ready copy, as a literal; another template of the same name has another. None while the
/// template is open to connections: somebody may be filling it.
async fn mark_for(server: &mut PgConnection, template: &str) -> Result<Option<String>, StepFailure> {
    sqlx::query_scalar(
        "SELECT quote_literal('tenantry:ready:' || datname || ':' || oid) FROM pg_database
         WHERE datname = $1 AND NOT datallowconn",
    )
    .bind(template)
    .fetch_optional(server)
    .await
    .map_err(failure)
}

/// What the names of a template's ready copies begin with. Whoever has such names has the same lock:
/// PostgreSQL's advisory locks are each database's own.
async fn name_prefix(server: &mut PgConnection, template: &str) -> Result<String, StepFailure> {
    sqlx::query_scalar(
        "SELECT 'tenantry-ready-' || left(md5($1 || ' ' || oid), 8) || '-' FROM pg_database
         WHERE datname = current_database()",
    )
    .bind(template)
    .fetch_one(server)
    .await
    .map_err(failure)
}
