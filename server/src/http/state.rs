use std::{net::IpAddr, sync::Arc};

use axum::extract::FromRef;
use engine::Engine;
use tokio::sync::watch;

use super::{site_files::SiteFiles, streams::Streams};
use crate::console::Console;

/// The state of every handler. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ServerState {
    pub console: Console,
    /// The configured origin, which an `Origin` header must equal. If no origin is configured, the host in an
    /// `Origin` header must equal the `Host` header.
    pub public_origin: Option<Arc<str>>,
    /// Whether users connect with https, so that cookies are `Secure`.
    pub is_https: bool,
    /// The reverse proxies whose `X-Forwarded-For` header is trusted.
    pub trusted_proxies: Arc<[IpAddr]>,
    pub files: SiteFiles,
    pub streams: Streams,
    /// Becomes true when shutdown is requested, so that load balancers choose another server.
    pub is_shutting_down: watch::Receiver<bool>,
    /// Becomes true when no further requests are accepted, so that event streams end.
    pub stopping: watch::Receiver<bool>,
}

impl FromRef<ServerState> for Engine {
    fn from_ref(server: &ServerState) -> Self {
        server.console.engine.clone()
    }
}
