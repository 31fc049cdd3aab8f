//! Connections to Tenantry's PostgreSQL servers: the connection pool, failover and notifications. The pool
//! may connect through a connection pooler, such as PgBouncer in transaction mode.
//!
//! The job runner and the engine share one [`Database`] per process.

mod connection;
mod error;
mod loggable;
mod pool;
mod servers;
mod session;

use std::{
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    PgConnection,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::time::timeout;

use self::{connection::Address, pool::ACQUIRE_TIMEOUT};
pub use self::{
    error::UnusableServer,
    loggable::Loggable,
    pool::{Pool, Transaction},
    servers::Servers,
    session::with_session,
};

/// How long it may take to open a connection that listens for notifications.
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

    /// Opens a separate connection whose session belongs to the caller: its settings, locks and prepared
    /// statements last until the connection closes. The connection does not count towards the size of the
    /// pool, and bypasses a connection pooler.
    ///
    /// # Errors
    /// `PoolTimedOut` after 5 s; the error of the connection, such as an [`UnusableServer`].
    pub async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let connection = async { self.session_address().await.connect().await };
        let connection = timeout(ACQUIRE_TIMEOUT, connection).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        Ok(connection?.into_inner())
    }

    /// Opens a separate connection that listens on a notification channel. The connection bypasses a
    /// connection pooler.
    ///
    /// # Errors
    /// If the active server cannot be reached, or is an [`UnusableServer`].
    pub async fn listen(&self, channel: &str) -> Result<PgListener, sqlx::Error> {
        let listener = async {
            let address = self.session_address().await;
            // A listener can only be created from a pool of sqlx.
            let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(address.options());
            let listener = PgListener::connect_with(&pool).await;
            let mut listener = listener.map_err(|error| address.explain(error))?;
            address.require_own_settings(&mut listener).await?;
            listener.listen(channel).await?;
            Ok(listener)
        };
        timeout(LISTEN_TIMEOUT, listener).await.map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    /// How to open a connection outside the pool.
    async fn session_address(&self) -> Address {
        let index = self.active.read().unwrap_or_else(PoisonError::into_inner).index;
        self.servers.session_address(index).await
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
            tracing::warn!(
                server = self.servers.address(index).name(),
                "switching to the server that accepts writes"
            );
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

/// Whether an error means that the server could not be reached or that its response was lost. Does not
/// include the states that the server itself reports with an SQLSTATE, such as a shutdown.
pub fn is_connection_failure(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Protocol, Tls, WorkerCrashed};
    matches!(error, Io(_) | Tls(_) | Protocol(_) | PoolTimedOut | PoolClosed | WorkerCrashed)
}
