//! The database that the settings name, and the engine on it.

use std::time::Duration;

use database::Servers;
use engine::{Engine, MasterKey};
use private_postgres::{Attach, ClusterError, PrivateCluster};
use secrecy::ExposeSecret;
use tokio::task::block_in_place;

use crate::config::{MasterKeyError, Settings};

/// How long closing waits for statements that still run.
const CLOSING: Duration = Duration::from_secs(5);

/// Why the installation cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The URL's text may hold a password, so it is not repeated.
    #[error("DATABASE_URL is not a URL that PostgreSQL's clients understand")]
    DatabaseUrl,
}

/// An engine, and the private PostgreSQL behind it where no other is configured.
#[derive(Debug)]
pub struct Installation {
    pub engine: Engine,
    cluster: Option<PrivateCluster>,
}

impl Installation {
    /// Uses the configured PostgreSQL, or attaches to the private one. A configured one need not
    /// be reachable yet.
    ///
    /// # Errors
    /// [`OpenError`], whichever applies.
    pub async fn open(settings: &Settings, attach: Attach) -> Result<Self, OpenError> {
        let (servers, cluster) = match &settings.database_url {
            Some(url) => {
                let servers: Servers = url.expose_secret().parse().map_err(|_| OpenError::DatabaseUrl)?;
                (servers, None)
            }
            None => {
                let cluster = block_in_place(|| PrivateCluster::attach_or_start(&settings.data_dir, attach))?;
                if let Some(notice) = cluster.notice() {
                    tracing::info!("{notice}");
                }
                let servers = cluster.url().expose_secret().parse().map_err(|_| OpenError::DatabaseUrl)?;
                (servers, Some(cluster))
            }
        };
        let key = settings.master_key(rand::random)?;
        let key = MasterKey::new(*key.expose_secret());
        let engine = Engine::new(servers, settings.pool_size, settings.sign_in_concurrency, key)
            .with_pipeline(settings.pipeline.clone());
        engine.find_writable_server().await;
        Ok(Self { engine, cluster })
    }

    /// Closes the connections, and stops the private PostgreSQL unless another process uses it.
    ///
    /// # Errors
    /// When PostgreSQL does not stop.
    pub async fn close(self) -> Result<(), ClusterError> {
        if tokio::time::timeout(CLOSING, self.engine.close()).await.is_err() {
            tracing::warn!("some connections to the database were still busy");
        }
        match self.cluster {
            Some(cluster) => block_in_place(|| cluster.stop()),
            None => Ok(()),
        }
    }
}
