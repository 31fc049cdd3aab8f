//! The configured database and the engine that uses it.

use std::time::Duration;

use connectors::HttpClientError;
use database::Servers;
use engine::{Engine, MasterKey, sign_up::SignUpSettings};
use private_postgres::{Attach, ClusterError, PrivateCluster};
use secrecy::{ExposeSecret, SecretString};
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
        "{0} is not a valid PostgreSQL connection URL. Expected a URL such as postgres://user:password@host/database"
    )]
    DatabaseUrl(&'static str),
    #[error(
        "TENANTRY_DATABASE_DIRECT_URL is set, but DATABASE_URL is not. Set DATABASE_URL to the URL of the pooler"
    )]
    PoolerUrlMissing,
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
        let (servers, cluster) = match (&settings.database_url, &settings.database_direct_url) {
            (Some(url), direct_url) => {
                let servers = parse_servers("DATABASE_URL", url)?;
                let direct =
                    direct_url.as_ref().map(|url| parse_servers("TENANTRY_DATABASE_DIRECT_URL", url));
                let servers = match direct.transpose()? {
                    Some(direct) => servers.with_direct_servers(direct),
                    None => servers,
                };
                (servers, None)
            }
            (None, Some(_)) => return Err(OpenError::PoolerUrlMissing),
            (None, None) => {
                let cluster = block_in_place(|| PrivateCluster::attach_or_start(&settings.data_dir, attach))?;
                if let Some(notice) = cluster.notice() {
                    tracing::info!("{notice}");
                }
                (parse_servers("the URL of the private PostgreSQL", &cluster.url())?, Some(cluster))
            }
        };
        let key = settings.master_key(rand::random)?;
        let key = MasterKey::new(*key.expose_secret());
        let engine = Engine::new(servers, settings.pool_size, settings.sign_in_concurrency, key)
            .with_pipeline(settings.pipeline.clone())?
            .with_plans(settings.plans.clone())
            .with_domains(settings.domains())
            .with_mail(settings.mail())
            .with_audit_head(settings.audit_head_file())
            .with_sign_up(SignUpSettings { mode: settings.sign_up, ..SignUpSettings::default() });
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

/// Parses the URL that `label` names.
fn parse_servers(label: &'static str, url: &SecretString) -> Result<Servers, OpenError> {
    url.expose_secret().parse().map_err(|_| OpenError::DatabaseUrl(label))
}
