//! The HTTP client for all calls to external systems.
//!
//! The client calls only the hosts of an allow-list, follows no redirect, ignores proxy settings of the
//! environment, and limits the time and the size of every response.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

use domain::jobs::{FailureKind, StepFailure};
use reqwest::{
    Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode, header::RETRY_AFTER,
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::http_span;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum size of a response body in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// The maximum `Retry-After`. A longer wait is reduced to this value.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The settings of every HTTP client of the process: no redirects, no proxy of the environment, a connect
/// timeout of 3 s, and the name of the product as the user agent. The caller sets the timeout of a request.
pub fn http_client() -> ClientBuilder {
    // Installs the TLS provider for the process. An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")))
}

/// The HTTP client of all connectors. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: Client,
    /// Each entry has the form `host:port`.
    allowed_hosts: Arc<HashSet<String>>,
}

/// A response whose status is success or 404. Callers interpret a 404 themselves.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The JSON body; `null` if it is empty or not JSON.
    pub body: Value,
}

impl Outbound {
    /// Creates a client that calls only `allowed_hosts`, given as URLs, `host` or `host:port`.
    ///
    /// # Errors
    /// If the TLS certificates of the platform cannot be loaded.
    pub fn new(allowed_hosts: impl IntoIterator<Item = String>) -> Result<Self, reqwest::Error> {
        let client = http_client().timeout(REQUEST_TIMEOUT).build()?;
        let allowed_hosts = allowed_hosts.into_iter().flat_map(|entry| authorities(&entry)).collect();
        Ok(Self { client, allowed_hosts: Arc::new(allowed_hosts) })
    }

    /// Starts a request. Pass the request to [`send`](Self::send).
    ///
    /// # Errors
    /// A permanent failure if the host is not on the allow-list.
    pub fn request(&self, method: Method, url: &Url) -> Result<RequestBuilder, StepFailure> {
        let host = authority(url);
        if !self.allowed_hosts.contains(&host) {
            return Err(StepFailure::permanent(format!("{host} is not on the list of allowed hosts")));
        }
        Ok(self.client.request(method, url.clone()))
    }

    /// Sends a request and returns the response, including error responses.
    ///
    /// # Errors
    /// `TimedOut` if there is no response in time; `Transient` if the host cannot be reached; `Permanent`
    /// if the request is invalid. The message names the host, but never a body, a token or a query.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, StepFailure> {
        let request =
            request.build().map_err(|_| StepFailure::permanent("the HTTP request could not be built"))?;
        let host = authority(request.url());
        http_span::send(&self.client, request).await.map_err(|error| no_response(&host, &error))
    }

    /// Sends JSON and reads JSON.
    ///
    /// # Errors
    /// The errors of [`request`](Self::request) and [`send`](Self::send), and for statuses other than success
    /// and 404: `Throttled` for 429, `TimedOut` for 408, `Transient` for 5xx, `Permanent` for redirects
    /// and any other 4xx.
    pub async fn json(
        &self,
        method: Method,
        url: &Url,
        token: Option<&SecretString>,
        body: Option<&Value>,
    ) -> Result<Reply, StepFailure> {
        let mut request = self.request(method, url)?;
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = self.send(request).await?;
        let status = response.status();
        if status.is_success() || status == StatusCode::NOT_FOUND {
            let body = read_json(response).await?.unwrap_or(Value::Null);
            return Ok(Reply { status, body });
        }
        Err(status_failure(&authority(url), status, retry_after(&response)))
    }
}

/// Reads a JSON body of at most 16 MiB. Returns `None` if the body is empty or not JSON.
///
/// # Errors
/// `TimedOut` or `Transient` if the body is incomplete; `Permanent` if the body is too large.
pub(crate) async fn read_json(mut response: Response) -> Result<Option<Value>, StepFailure> {
    let host = authority(response.url());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_response(&host, &error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY {
            let limit = MAX_BODY / 1024 / 1024;
            return Err(StepFailure::permanent(format!("{host} sent a response of more than {limit} MiB")));
        }
    }
    Ok(serde_json::from_slice(&body).ok())
}

/// Returns how long the `Retry-After` header asks to wait.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    parse_retry_after(response.headers().get(RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

/// Parses a `Retry-After` header: a number of seconds, or a date (RFC 9110, section 10.2.3). A date in the
/// past means no wait.
fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

/// Returns the failure for an error status.
pub(crate) fn status_failure(host: &str, status: StatusCode, retry_after: Option<Duration>) -> StepFailure {
    let message = format!("{host} responded with {}", status.as_u16());
    match (status, retry_after) {
        (StatusCode::TOO_MANY_REQUESTS, wait) => {
            StepFailure { kind: FailureKind::Throttled { wait: wait.unwrap_or_default() }, message }
        }
        (StatusCode::SERVICE_UNAVAILABLE, Some(wait)) => {
            StepFailure { kind: FailureKind::Throttled { wait }, message }
        }
        (StatusCode::REQUEST_TIMEOUT, _) => StepFailure::timed_out(message),
        _ if status.is_server_error() => StepFailure::transient(message),
        _ if status.is_redirection() => {
            StepFailure::permanent(format!("{message}, but redirects are not followed"))
        }
        _ => StepFailure::permanent(message),
    }
}

fn no_response(host: &str, error: &reqwest::Error) -> StepFailure {
    if error.is_timeout() && !error.is_connect() {
        return StepFailure::timed_out(format!("{host} did not respond in time"));
    }
    let problem = if error.is_connect() {
        "cannot be reached"
    } else {
        "closed the connection before the end of its response"
    };
    StepFailure::transient(format!("{host} {problem}"))
}

fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Returns the hosts and ports that an entry of the allow-list permits. A URL permits its port, and a bare
/// host the ports 443 and 80.
fn authorities(entry: &str) -> Vec<String> {
    match Url::parse(entry) {
        Ok(url) if url.has_host() => vec![authority(&url)],
        _ if entry.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
            vec![entry.to_owned()]
        }
        _ => vec![format!("{entry}:443"), format!("{entry}:80")],
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    const WAIT: Duration = Duration::from_secs(7);

    #[test]
    fn an_allowed_host_permits_its_port_or_the_default_ports() {
        assert_eq!(authorities("https://odoo.example.com/x"), ["odoo.example.com:443"]);
        assert_eq!(authorities("odoo.example.com:8069"), ["odoo.example.com:8069"]);
        assert_eq!(authorities("odoo.example.com"), ["odoo.example.com:443", "odoo.example.com:80"]);
    }

    #[test]
    fn the_status_decides_whether_a_retry_can_help() {
        let kind =
            |status: u16, wait| status_failure("h:1", StatusCode::from_u16(status).unwrap(), wait).kind;
        assert_eq!(kind(503, None), FailureKind::Transient);
        assert_eq!(kind(400, None), FailureKind::Permanent);
        assert_eq!(kind(302, None), FailureKind::Permanent);
        assert_eq!(kind(408, None), FailureKind::TimedOut);
        let throttled = FailureKind::Throttled { wait: WAIT };
        assert_eq!((kind(429, Some(WAIT)), kind(503, Some(WAIT))), (throttled, throttled));
        assert_eq!(kind(500, Some(WAIT)), FailureKind::Transient);
    }

    #[test]
    fn retry_after_is_a_number_of_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let seconds = |value| parse_retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:51:37 GMT"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(seconds("Mon, 07 Nov 1994 08:49:37 GMT"), Some(3600), "the maximum");
        assert_eq!((seconds("soon"), seconds("-1")), (None, None));
    }

    /// Responds to one request with a body that has no end.
    async fn send_endless_body(listener: TcpListener) {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        connection.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await.unwrap();
        while connection.write_all(&[b' '; 65536]).await.is_ok() {}
    }

    #[tokio::test]
    async fn a_response_of_more_than_16_mib_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let outbound = Outbound::new([url.to_string()]).unwrap();
        let server = tokio::spawn(send_endless_body(listener));
        let failure = outbound.json(Method::GET, &url, None, None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Permanent, "{failure}");
        assert!(failure.message.ends_with("sent a response of more than 16 MiB"), "{failure}");
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_host_that_is_not_on_the_list_is_not_called() {
        let outbound = Outbound::new(["https://allowed.example".to_owned()]).unwrap();
        let url = Url::parse("http://169.254.169.254/latest").unwrap();
        let failure = outbound.json(Method::GET, &url, None, None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Permanent);
    }
}
