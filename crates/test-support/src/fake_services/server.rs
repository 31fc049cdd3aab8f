//! The HTTP server: connections, faults, and the record of calls.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    future::{Future, pending},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use http_body_util::{BodyExt, Either, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::JoinSet,
};

use super::{
    byte_by_byte::ByteByByte,
    call::{IncomingCall, Reply},
    fault::{CallKind, Endpoint, Fault, FaultQueue},
    state::{State, parse_call},
};

/// A call that arrived.
#[derive(Debug, Clone)]
pub struct Call {
    /// The endpoint that the path selects.
    pub endpoint: Endpoint,
    /// Whether the call reads, writes or deletes.
    pub kind: CallKind,
    /// The HTTP method.
    pub method: Method,
    /// The path with placeholders, such as `/tenants/{code}`. Empty for unknown paths.
    pub template: &'static str,
    /// The path of the request.
    pub path: String,
    /// The body, or null if it is not JSON.
    pub body: Value,
    /// The status of the response, even if the caller disconnected. `None` without a response.
    pub status: Option<StatusCode>,
}

#[derive(Debug, Default)]
pub(super) struct Server {
    state: Mutex<State>,
    faults: Mutex<FaultQueue>,
    calls: Mutex<Vec<Call>>,
    arrivals: watch::Sender<()>,
    /// Whether held calls continue.
    released: watch::Sender<bool>,
    /// The listener and its connections. Empty while stopped.
    tasks: Mutex<JoinSet<()>>,
}

impl Server {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, FaultQueue> {
        self.faults.lock().unwrap()
    }

    pub(super) fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap()
    }

    /// Sets whether held calls continue.
    pub(super) fn set_released(&self, released: bool) {
        self.released.send_replace(released);
    }

    /// Returns a receiver that is notified of each new call.
    pub(super) fn arrivals(&self) -> watch::Receiver<()> {
        self.arrivals.subscribe()
    }

    pub(super) async fn listen(self: &Arc<Self>, address: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::clone(self);
        self.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.spawn(Arc::clone(&server).serve(stream));
            }
        });
        address
    }

    pub(super) async fn stop(&self) {
        // A task that is being cancelled may spawn another one.
        while let Some(mut tasks) = self.take_tasks() {
            tasks.shutdown().await;
        }
    }

    fn take_tasks(&self) -> Option<JoinSet<()>> {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
        (!tasks.is_empty()).then_some(tasks)
    }

    pub(super) fn abort(&self) {
        self.tasks.lock().unwrap().abort_all();
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap().spawn(task);
    }

    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(|request| Arc::clone(&self).respond(request));
        // An error means that a fault or the caller closed the connection.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn respond(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Either<Full<Bytes>, ByteByByte>>, ConnectionClosed> {
        let call = read(request).await?;
        let index = self.record(&call);
        let fault = self.faults().take(call.endpoint, call.kind);
        let mut retry_after = None;
        let reply = match fault {
            None | Some(Fault::ByteByByte) => self.state().handle(&call),
            Some(Fault::Hold) => self.handle_when_released(call, index).await?,
            Some(Fault::Status(status)) => Reply::error(StatusCode::from_u16(status).unwrap()),
            Some(Fault::Throttle(wait)) => {
                retry_after = Some(wait.as_secs());
                Reply::error(StatusCode::TOO_MANY_REQUESTS)
            }
            Some(Fault::CloseBeforeActing) => return Err(ConnectionClosed),
            Some(Fault::LoseResponse) => {
                self.state().handle(&call);
                return Err(ConnectionClosed);
            }
            Some(Fault::Hang) => never().await,
            Some(Fault::HangAfterActing) => {
                self.state().handle(&call);
                never().await
            }
        };
        self.calls()[index].status = Some(reply.status);
        let response = response(&reply, retry_after);
        Ok(match fault {
            Some(Fault::ByteByByte) => response.map(|body| Either::Right(ByteByByte::new(body))),
            _ => response.map(|body| Either::Left(Full::from(body))),
        })
    }

    /// Records a call and returns its index.
    fn record(&self, call: &IncomingCall) -> usize {
        let IncomingCall { endpoint, kind, method, path, template, body, .. } = call.clone();
        let mut calls = self.calls();
        calls.push(Call { endpoint, kind, method, template, path, body, status: None });
        self.arrivals.send_replace(());
        calls.len() - 1
    }

    /// Handles a held call after its release, in a task that continues if the caller disconnects.
    async fn handle_when_released(
        self: &Arc<Self>,
        call: IncomingCall,
        index: usize,
    ) -> Result<Reply, ConnectionClosed> {
        let (sender, receiver) = oneshot::channel();
        let server = Arc::clone(self);
        self.spawn(async move {
            let mut released = server.released.subscribe();
            // The sender lives as long as the server.
            let _ = released.wait_for(|released| *released).await;
            let reply = server.state().handle(&call);
            server.calls()[index].status = Some(reply.status);
            // The receiver is dropped when the caller disconnects.
            let _ = sender.send(reply);
        });
        receiver.await.map_err(|_| ConnectionClosed)
    }
}

async fn never() -> Reply {
    match pending::<Infallible>().await {}
}

async fn read(request: Request<Incoming>) -> Result<IncomingCall, ConnectionClosed> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| ConnectionClosed)?.to_bytes();
    let token = parts.headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.to_owned())
    });
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Ok(parse_call(parts.method, parts.uri.path(), token, body))
}

fn response(reply: &Reply, retry_after: Option<u64>) -> Response<String> {
    let mut response = Response::builder().status(reply.status).header(CONTENT_TYPE, "application/json");
    if let Some(seconds) = retry_after {
        response = response.header(RETRY_AFTER, seconds);
    }
    let body = if reply.status == StatusCode::NO_CONTENT { String::new() } else { reply.body.to_string() };
    response.body(body).unwrap()
}

/// Closes the connection without a response.
#[derive(Debug)]
struct ConnectionClosed;

impl fmt::Display for ConnectionClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed by a fault")
    }
}

impl Error for ConnectionClosed {}
