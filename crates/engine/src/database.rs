//! The connection pool, the embedded migrations, and whether the schema is the right one.

mod servers;

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use sqlx::{
    PgPool,
    migrate::{Migrate, Migrator},
    postgres::{PgConnectOptions, PgListener},
};

pub use self::servers::Servers;
use crate::Error;

/// Every migration, embedded in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// A database: its servers, and connections to the one that takes writes.
#[derive(Debug)]
pub struct Database {
    servers: Servers,
    /// Connections at most.
    size: u32,
    used: RwLock<Used>,
}

#[derive(Debug)]
struct Used {
    server: usize,
    pool: PgPool,
}

impl Database {
    /// Connects when it is first used, to the server that is named first until another is
    /// [found to take writes](Self::find_writable).
    pub fn new(servers: Servers, size: u32) -> Self {
        let used = RwLock::new(Used { server: 0, pool: servers.pool(0, size) });
        Self { servers, size, used }
    }

    /// The connections to use now.
    pub fn pool(&self) -> PgPool {
        self.used.read().unwrap_or_else(PoisonError::into_inner).pool.clone()
    }

    /// A connection of its own that hears what is told on a channel.
    pub(crate) async fn listen(&self, channel: &str) -> Result<PgListener, sqlx::Error> {
        let server = self.used.read().unwrap_or_else(PoisonError::into_inner).server;
        let mut listener = PgListener::connect_with(&self.servers.pool(server, 1)).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// Turns to the server that takes writes, where there are several and one says so. What waits
    /// for a server that is gone is left behind with its connections.
    pub async fn find_writable(&self) {
        if !self.servers.are_several() {
            return;
        }
        let Some(server) = self.servers.writable().await else { return };
        let mut used = self.used.write().unwrap_or_else(PoisonError::into_inner);
        if used.server != server {
            tracing::warn!(server = self.servers.name(server), "turning to the server that takes writes");
            let pool = self.servers.pool(server, self.size);
            let left = std::mem::replace(&mut *used, Used { server, pool });
            tokio::spawn(async move { left.pool.close().await });
        }
    }
}

/// Connections to a database with one server, as the engine has them; `size` at most.
pub fn pool(server: PgConnectOptions, size: u32) -> PgPool {
    Servers::from(server).pool(0, size)
}

/// Brings the schema up to date, under an advisory lock, one process at a time.
///
/// # Errors
/// The database's refusal, or a migration that was changed after it ran.
pub async fn migrate(pool: &PgPool) -> Result<(), Error> {
    let mut connection = pool.acquire().await?.detach();
    // A migration may take longer than a request may.
    sqlx::raw_sql("SET client_min_messages = warning; SET statement_timeout = 0; SET lock_timeout = '60s'; SELECT pg_advisory_xact_lock(7301); CREATE SCHEMA IF NOT EXISTS tenantry")
        .execute(&mut connection)
        .await?;
    MIGRATIONS.run(&mut connection).await?;
    Ok(())
}

/// Whether exactly the migrations of this binary are applied.
///
/// # Errors
/// When the database cannot be asked.
pub async fn schema_is_current(pool: &PgPool) -> Result<bool, Error> {
    let mut connection = pool.acquire().await?;
    let known: Option<String> = sqlx::query_scalar("SELECT to_regclass('tenantry._sqlx_migrations')::text")
        .fetch_one(&mut *connection)
        .await?;
    if known.is_none() {
        return Ok(false);
    }
    let applied = connection.list_applied_migrations("_sqlx_migrations").await.map_err(Error::Migrations)?;
    let applied: HashMap<_, _> = applied.into_iter().map(|m| (m.version, m.checksum)).collect();
    let expected: Vec<_> = MIGRATIONS.iter().filter(|m| !m.migration_type.is_down_migration()).collect();
    Ok(applied.len() == expected.len()
        && expected.iter().all(|m| applied.get(&m.version) == Some(&m.checksum)))
}
