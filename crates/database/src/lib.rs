//! Connections to Tenantry's PostgreSQL servers: the connection pool, failover and notifications.
//!
//! The job runner and the engine share one [`Database`] per process.

mod pool;
mod servers;

use std::{
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::timeout;

pub use self::{
    pool::{Pool, Transaction},
    servers::{Servers, with_session},
};

/// How long it may take to open a connection that listens.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// A database with one or more servers, and a connection pool to the server that accepts writes.
#[derive(Debug)]
pub struct Database {
    servers: Servers,
    /// The maximum number of connections.
    pool_size: u32,
    active: RwLock<ActiveServer>,
    schema_is_current: AtomicBool,
}

/// The server that the pool connects to.
#[derive(Debug)]
struct ActiveServer {
    /// The position of the server in [`Servers`].
    index: usize,
    pool: Pool,
}

impl Database {
    /// Creates a pool of at most `pool_size` connections. The pool connects on first use. It connects to the
    /// first server until [`switch_to_writable_server`](Self::switch_to_writable_server) selects another one.
    pub fn new(servers: impl Into<Servers>, pool_size: u32) -> Self {
        let servers = servers.into();
        let active = RwLock::new(ActiveServer { index: 0, pool: servers.pool(0, pool_size) });
        Self { servers, pool_size, active, schema_is_current: AtomicBool::new(false) }
    }

    /// Returns the pool of the active server. Call this for each unit of work: a failover replaces the pool.
    pub fn pool(&self) -> Pool {
        self.active.read().unwrap_or_else(PoisonError::into_inner).pool.clone()
    }

    /// Opens a separate connection that listens on a notification channel.
    ///
    /// # Errors
    /// If the active server cannot be reached.
    pub async fn listen(&self, channel: &str) -> Result<PgListener, sqlx::Error> {
        let index = self.active.read().unwrap_or_else(PoisonError::into_inner).index;
        // A listener can only be created from a pool of sqlx.
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(self.servers.options(index));
        let listener = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(channel).await?;
            Ok(listener)
        };
        timeout(LISTEN_TIMEOUT, listener).await.map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    /// Switches to the server that accepts writes. Does nothing if the database has a single server or if
    /// no server accepts writes. Callers that are waiting for a connection of the previous pool get an error.
    pub async fn switch_to_writable_server(&self) {
        if !self.servers.has_multiple() {
            return;
        }
        let Some(index) = self.servers.find_writable().await else { return };
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        if active.index != index {
            tracing::warn!(server = self.servers.name(index), "switching to the server that accepts writes");
            let pool = self.servers.pool(index, self.pool_size);
            let previous = std::mem::replace(&mut *active, ActiveServer { index, pool });
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
