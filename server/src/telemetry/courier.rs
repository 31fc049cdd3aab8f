use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::{Client, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

use crate::config::OtlpSettings;

const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(10);
/// How often a collector that takes nothing is spoken of.
const SILENCE: Duration = Duration::from_secs(600);

/// Carries what is exported to the collector. The exporter's threads wait for it; the calls run on
/// the process's runtime.
#[derive(Debug, Clone)]
pub(super) struct OtlpHttpClient {
    client: Client,
    runtime: Handle,
    place: String,
    complaint: Arc<Mutex<ExportFailureThrottle>>,
}

/// What was said of a collector that takes nothing.
#[derive(Debug, Default)]
struct ExportFailureThrottle {
    last: Option<Instant>,
    /// Whether it was said and not taken back.
    stands: bool,
}

impl OtlpHttpClient {
    /// # Errors
    /// When the platform has no certificates.
    pub(super) fn new(otlp: &OtlpSettings) -> Result<Self, reqwest::Error> {
        // One provider for the process; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .default_headers(otlp.token.as_ref().and_then(bearer).into_iter().collect())
            .build()?;
        let place = otlp.endpoint.authority().to_owned();
        Ok(Self { client, runtime: Handle::current(), place, complaint: Arc::default() })
    }

    /// Says that nothing is taken, once in a while, and when something is taken again.
    fn note(&self, failure: Option<String>) {
        let mut complaint = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            Some(cause) if complaint.last.is_none_or(|last| last.elapsed() >= SILENCE) => {
                *complaint = ExportFailureThrottle { last: Some(Instant::now()), stands: true };
                tracing::warn!(collector = self.place, cause, "traces and metrics cannot be exported");
            }
            None if complaint.stands => {
                complaint.stands = false;
                tracing::info!(collector = self.place, "traces and metrics are exported again");
            }
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for OtlpHttpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let answer = self.runtime.spawn(async move { client.send_bytes(request).await }).await?;
        self.note(failure(&answer));
        answer
    }
}

fn bearer(token: &SecretString) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some((AUTHORIZATION, value))
}

/// Why nothing was taken, if so.
fn failure(answer: &Result<Response<Bytes>, HttpError>) -> Option<String> {
    match answer {
        Ok(response) if response.status().is_success() => None,
        Ok(response) => Some(format!("it answered {}", response.status().as_u16())),
        Err(error) => Some(match error.downcast_ref::<reqwest::Error>() {
            Some(error) if error.is_connect() => "it cannot be reached".to_owned(),
            Some(error) if error.is_timeout() => "it did not answer in time".to_owned(),
            _ => "it broke off its answer".to_owned(),
        }),
    }
}
