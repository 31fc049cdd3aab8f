//! Accepts connections, and limits their number and how long a client may keep them without using them
//! (`docs/specification.md`, section 10).

mod head_timer;

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::TokioIo,
    server::graceful::{GracefulShutdown, Watcher},
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::io::InspectReader;
use tower::ServiceExt;

use self::head_timer::{HeadTimer, IDLE_TIMEOUT};

/// The maximum number of open connections. Further clients wait until a connection closes.
const MAX_CONNECTIONS: usize = 1024;
/// The number of files that the process may need: client connections, database connections and the site's
/// files.
const MAX_FILES: u64 = 4096;
/// How long a client may leave sent data unread. A client that has vanished is noticed after the same time.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause after a connection could not be accepted, for example because the process has no free file
/// descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves connections until `stop` completes, then waits until every open request has its response.
pub(super) async fn serve_connections(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    raise_file_limit();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        // The permit is an error only if the semaphore is closed, which never happens.
        let next = async { (permits.clone().acquire_owned().await, accept(&listener).await) };
        let (permit, (stream, peer)) = tokio::select! {
            accepted = next => accepted,
            () = &mut stop => break,
        };
        let (router, watcher) = (router.clone(), open.watcher());
        tokio::spawn(async move {
            serve_connection(stream, peer, router, watcher).await;
            drop(permit);
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// Waits for the next connection. After an error, tries again.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_client_error(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Whether the client closed the connection before it was accepted.
fn is_client_error(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

/// Serves the requests of one connection until it closes.
async fn serve_connection(stream: TcpStream, peer: SocketAddr, router: Router, watcher: Watcher) {
    // Small responses are sent immediately. Connections also work if the options cannot be set.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(SEND_TIMEOUT));
    let timer = HeadTimer::default();
    let received_bytes = timer.received();
    let stream = InspectReader::new(stream, move |bytes: &[u8]| received_bytes.notice(bytes));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(timer)
        .header_read_timeout(IDLE_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::trace!(%error, %peer, "a connection ended with an error");
    }
}

/// Raises the limit of open files of this process, which is often 1,024, so that it is not reached before
/// [`MAX_CONNECTIONS`]. Does nothing if the operating system refuses.
fn raise_file_limit() {
    if let Ok((current, highest)) = getrlimit(Resource::RLIMIT_NOFILE)
        && current < MAX_FILES
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, MAX_FILES.min(highest), highest);
    }
}
