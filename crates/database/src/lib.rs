//! Connections to Tenantry's PostgreSQL servers: the connection pool, failover and notifications.
//!
//! The job runner and the engine share one [`Database`] per process.

mod servers;

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener},
};

pub use self::servers::Servers;

/// A database with one or more servers, and a connection pool to the server that accepts writes.
#[derive(Debug)]
pub struct Database {
    servers: Servers,
    /// The maximum number of connections.
    pool_size: u32,
    current: RwLock<Current>,
    schema_is_current: AtomicBool,
}

#[derive(Debug)]
struct Current {
    server: usize,
    pool: PgPool,
}

impl Database {
    /// Creates a pool of at most `pool_size` connections. The pool connects on first use. It connects to the
    /// first server until [`find_writable`](Self::find_writable) selects another one.
    pub fn new(servers: impl Into<Servers>, pool_size: u32) -> Self {
        let servers = servers.into();
        let current = RwLock::new(Current { server: 0, pool: servers.pool(0, pool_size) });
        Self { servers, pool_size, current, schema_is_current: AtomicBool::new(false) }
    }

    /// Returns the current pool. Call this for each unit of work: a failover replaces the pool.
    pub fn pool(&self) -> PgPool {
        self.current.read().unwrap_or_else(PoisonError::into_inner).pool.clone()
    }

    /// Opens a separate connection that listens on a notification channel.
    ///
    /// # Errors
    /// If the current server cannot be reached.
    pub async fn listen(&self, channel: &str) -> Result<PgListener, sqlx::Error> {
        let server = self.current.read().unwrap_or_else(PoisonError::into_inner).server;
        let mut listener = PgListener::connect_with(&self.servers.pool(server, 1)).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// Switches to the server that accepts writes. Does nothing if the database has a single server or if
    /// no server accepts writes. Callers that are waiting for a connection of the previous pool get an error.
    pub async fn find_writable(&self) {
        if !self.servers.has_multiple() {
            return;
        }
        let Some(server) = self.servers.writable().await else { return };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.server != server {
            tracing::warn!(server = self.servers.name(server), "switching to the server that accepts writes");
            let pool = self.servers.pool(server, self.pool_size);
            let previous = std::mem::replace(&mut *current, Current { server, pool });
            tokio::spawn(async move { previous.pool.close().await });
        }
    }

    /// Returns whether the last schema check found the schema that this version expects.
    pub fn schema_is_current(&self) -> bool {
        self.schema_is_current.load(Ordering::Relaxed)
    }

    /// Stores the result of a schema check.
    pub fn set_schema_is_current(&self, is_current: bool) {
        self.schema_is_current.store(is_current, Ordering::Relaxed);
    }
}

/// Creates a pool of at most `size` connections to a single server, with the session settings of
/// [`Database`].
pub fn pool(server: PgConnectOptions, size: u32) -> PgPool {
    Servers::from(server).pool(0, size)
}
