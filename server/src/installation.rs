//! The configured database and the engine that uses it.

use std::time::Duration;

use connectors::HttpClientError;
use database::Servers;
use engine::{Engine, MasterKey};
use private_postgres::{Attach, ClusterError, PrivateCluster};
use secrecy::ExposeSecret;
use tokio::task::block_in_place;

use crate::config::{MasterKeyError, Settings};

/// How long `close` waits for running statements.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the installation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The message does not contain the URL, because the URL may contain a password.
    #[error(
        "DATABASE_URL is not a valid PostgreSQL connection URL. Expected a URL such as postgres://user:password@host/database"
    )]
    DatabaseUrl,
    #[error("the HTTP client of the connectors cannot be created: {0}")]
    HttpClient(#[from] HttpClientError),
}

/// The engine, and the private PostgreSQL if no other database is configured.
#[derive(Debug)]
pub(crate) struct Installation {
    pub engine: Engine,
    cluster: Option<PrivateCluster>,
}

impl Installation {
    /// Opens the configured PostgreSQL, which need not be reachable yet, or starts the private one.
    ///
    /// # Errors
    /// When the URL is not valid, the private PostgreSQL cannot start, or there is no master key.
    pub(crate) async fn open(settings: &Settings, attach: Attach) -> Result<Self, OpenError> {
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
            .with_pipeline(settings.pipeline.clone())?;
        engine.switch_to_writable_server().await;
        Ok(Self { engine, cluster })
    }

    /// Closes the connections, and stops the private PostgreSQL unless another process uses it.
    ///
    /// # Errors
    /// When PostgreSQL does not stop.
    pub(crate) async fn close(self) -> Result<(), ClusterError> {
        if tokio::time::timeout(CLOSE_TIMEOUT, self.engine.close()).await.is_err() {
            tracing::warn!("some database connections were still in use at shutdown");
        }
        match self.cluster {
            Some(cluster) => block_in_place(|| cluster.stop()),
            None => Ok(()),
        }
    }
}
