use std::{io, net::SocketAddr, time::Duration};

use axum::serve::ListenerExt;
use engine::Engine;
use tokio::{net::TcpListener, sync::watch};

use super::{router, site::Site, state::Server};
use crate::pages::Console;

/// How long running requests may take once the process is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves until `shutdown_requested` is done, then finishes what was begun.
///
/// # Errors
/// When connections cannot be accepted.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    site: Site,
    shutdown_requested: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let Site { origin, public_origin, is_https, trusted_proxies, environment, files, assets } = site;
    let console = Console { engine, origin, environment, assets };
    let stopped = stopping.clone();
    let router =
        router(Server { console, public_origin, is_https, trusted_proxies, files, stopping: stopped });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|connection| {
        // Small answers must not wait for more to come. A connection that refuses is as good.
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, service).with_graceful_shutdown(turned_true(stopping.clone()));
    let deadline = async {
        shutdown_requested.await;
        stop.send_replace(true);
        tokio::time::sleep(LAST_REQUESTS).await;
        tracing::warn!("some requests did not end in time");
    };
    tokio::select! {
        result = server => result,
        () = deadline => Ok(()),
    }
}

async fn turned_true(mut flag: watch::Receiver<bool>) {
    // An error means that nobody can turn it any more, which is as good.
    let _ = flag.wait_for(|stopping| *stopping).await;
}
