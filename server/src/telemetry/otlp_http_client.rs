use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

use crate::config::OtlpSettings;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a failing export is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(600);

/// The HTTP client of the exporters. The exporters' threads block until a request completes. The requests run
/// on the runtime of the process.
#[derive(Debug, Clone)]
pub(super) struct OtlpHttpClient {
    client: Client,
    runtime: Handle,
    collector: String,
    throttle: Arc<Mutex<ExportFailureThrottle>>,
}

/// Limits how often a failing export is logged.
#[derive(Debug, Default)]
struct ExportFailureThrottle {
    last_logged: Option<Instant>,
    /// Whether a failure was logged since the last successful export.
    is_failing: bool,
}

impl OtlpHttpClient {
    /// Creates the client.
    ///
    /// # Errors
    /// When the platform has no root certificates.
    pub(super) fn new(otlp: &OtlpSettings) -> Result<Self, reqwest::Error> {
        let client = connectors::http_client()
            .timeout(REQUEST_TIMEOUT)
            .default_headers(otlp.token.as_ref().and_then(bearer_header).into_iter().collect())
            .build()?;
        let collector = otlp.endpoint.authority().to_owned();
        Ok(Self { client, runtime: Handle::current(), collector, throttle: Arc::default() })
    }

    /// Logs failures, at most one per interval, and the recovery.
    fn log_outcome(&self, failure: Option<String>) {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            Some(cause) if throttle.last_logged.is_none_or(|last| last.elapsed() >= LOG_INTERVAL) => {
                *throttle = ExportFailureThrottle { last_logged: Some(Instant::now()), is_failing: true };
                tracing::warn!(collector = self.collector, cause, "traces and metrics cannot be exported");
            }
            None if throttle.is_failing => {
                throttle.is_failing = false;
                tracing::info!(collector = self.collector, "traces and metrics are exported again");
            }
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for OtlpHttpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let response = self.runtime.spawn(async move { client.send_bytes(request).await }).await?;
        self.log_outcome(failure(&response));
        response
    }
}

fn bearer_header(token: &SecretString) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some((AUTHORIZATION, value))
}

/// Why an export failed, or `None` if it succeeded.
fn failure(response: &Result<Response<Bytes>, HttpError>) -> Option<String> {
    match response {
        Ok(response) if response.status().is_success() => None,
        Ok(response) => Some(format!("the collector responded with status {}", response.status().as_u16())),
        Err(error) => Some(match error.downcast_ref::<reqwest::Error>() {
            Some(error) if error.is_connect() => "the collector cannot be reached".to_owned(),
            Some(error) if error.is_timeout() => "the collector did not respond in time".to_owned(),
            _ => "the collector did not complete its response".to_owned(),
        }),
    }
}
