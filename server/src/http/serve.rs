use std::time::Duration;

use engine::Engine;
use tokio::{net::TcpListener, sync::watch};

use super::{
    connections::serve_connections, router::router, site::Site, state::ServerState, streams::Streams,
};
use crate::{console::Console, signals::wait_until_true};

/// How long open requests may take to finish during shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves requests until `stop_requested` completes, then finishes the open requests. While
/// `is_shutting_down` is true, the server reports that it is not ready.
pub(crate) async fn serve(
    listener: TcpListener,
    engine: Engine,
    site: Site,
    is_shutting_down: watch::Receiver<bool>,
    stop_requested: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(false);
    let Site { origin, public_origin, is_https, trusted_proxies, environment, files, assets } = site;
    let console = Console { engine, origin, environment, assets };
    let router = router(ServerState {
        console,
        public_origin,
        is_https,
        trusted_proxies,
        files,
        streams: Streams::default(),
        is_shutting_down,
        stopping: stopping.clone(),
    });
    let server = serve_connections(listener, router, wait_until_true(stopping));
    let deadline = async {
        stop_requested.await;
        stop.send_replace(true);
        tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
        tracing::warn!("some requests did not finish in time and were aborted");
    };
    tokio::select! {
        () = server => {}
        () = deadline => {}
    }
}
