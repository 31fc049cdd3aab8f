//! The server: connections, faults, and the record of calls.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    future::{Future, pending},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
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
    fault::{DeadStepAction, Fault, Orders, Place},
    world::{Answer, Asked, World},
};

/// A call that came.
#[derive(Debug, Clone)]
pub struct Call {
    pub place: Place,
    pub deed: DeadStepAction,
    pub method: Method,
    /// Such as `/tenants/{code}`; empty for what is not served.
    pub template: &'static str,
    pub path: String,
    pub body: Value,
    /// What it was answered, or was to be when the caller had gone; none while and where it was not.
    pub status: Option<StatusCode>,
}

/// What the counterpart is made of.
#[derive(Debug, Default)]
pub(super) struct Server {
    world: Mutex<World>,
    orders: Mutex<Orders>,
    calls: Mutex<Vec<Call>>,
    arrivals: watch::Sender<()>,
    /// All that it does; empty when it is stopped.
    tasks: Mutex<JoinSet<()>>,
}

impl Server {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(super) fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap()
    }

    pub(super) fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap()
    }

    /// Tells of each call that comes from now on.
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
        // What is being ended may begin something once more.
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
        let service = service_fn(|request| Arc::clone(&self).answer(request));
        // An error here is a connection that was cut, by order or by the caller.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Cut> {
        let asked = read(request).await?;
        let number = self.note(&asked);
        let fault = self.orders().take(asked.place, asked.deed);
        let mut retry_after = None;
        let answer = match fault {
            None => self.world().act(&asked),
            Some(Fault::Delay(wait)) => self.act_later(asked, number, wait).await?,
            Some(Fault::Status(status)) => Answer::refusal(StatusCode::from_u16(status).unwrap()),
            Some(Fault::Throttle(wait)) => {
                retry_after = Some(wait.as_secs());
                Answer::refusal(StatusCode::TOO_MANY_REQUESTS)
            }
            Some(Fault::CloseBeforeActing) => return Err(Cut),
            Some(Fault::LoseAnswer) => {
                self.world().act(&asked);
                return Err(Cut);
            }
            Some(Fault::Hang) => never().await,
            Some(Fault::HangAfterActing) => {
                self.world().act(&asked);
                never().await
            }
        };
        self.calls()[number].status = Some(answer.status);
        Ok(response(&answer, retry_after))
    }

    /// Keeps a call and answers its number.
    fn note(&self, asked: &Asked) -> usize {
        let Asked { place, deed, method, path, template, body, .. } = asked.clone();
        let mut calls = self.calls();
        calls.push(Call { place, deed, method, template, path, body, status: None });
        self.arrivals.send_replace(());
        calls.len() - 1
    }

    async fn act_later(self: &Arc<Self>, asked: Asked, number: usize, wait: Duration) -> Result<Answer, Cut> {
        let (tell, told) = oneshot::channel();
        let server = Arc::clone(self);
        self.spawn(async move {
            tokio::time::sleep(wait).await;
            let answer = server.world().act(&asked);
            server.calls()[number].status = Some(answer.status);
            // The caller may have gone.
            let _ = tell.send(answer);
        });
        told.await.map_err(|_| Cut)
    }
}

async fn never() -> Answer {
    match pending::<Infallible>().await {}
}

async fn read(request: Request<Incoming>) -> Result<Asked, Cut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let token = parts.headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.to_owned())
    });
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Ok(Asked::new(parts.method, parts.uri.path(), token, body))
}

fn response(answer: &Answer, retry_after: Option<u64>) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(answer.status).header(CONTENT_TYPE, "application/json");
    if let Some(seconds) = retry_after {
        response = response.header(RETRY_AFTER, seconds);
    }
    let body = if answer.status == StatusCode::NO_CONTENT { String::new() } else { answer.body.to_string() };
    response.body(Full::from(body)).unwrap()
}

/// The connection is closed without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cut")
    }
}

impl Error for Cut {}
