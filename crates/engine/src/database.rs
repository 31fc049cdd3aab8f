//! The connection pool, and the server that it connects to.

mod servers;

use std::sync::{PoisonError, RwLock};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener},
};

pub use self::servers::Servers;
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
