use std::{net::IpAddr, sync::Arc};

use axum::extract::FromRef;
use engine::Engine;
use tokio::sync::watch;

use crate::pages::Console;

/// What every handler may use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Server {
    pub console: Console,
    /// The origin that the operator configured; without one the request's own host counts.
    pub public_origin: Option<Arc<str>>,
    /// Whether people come by https, so that cookies are `Secure`.
    pub is_https: bool,
    /// The proxies whose word counts for where a request comes from.
    pub trusted_proxies: Arc<[IpAddr]>,
    pub files: Arc<std::path::Path>,
    /// Turns true when the process is to stop, so that streams end.
    pub stopping: watch::Receiver<bool>,
}

impl FromRef<Server> for Engine {
    fn from_ref(server: &Server) -> Self {
        server.console.engine.clone()
    }
}
