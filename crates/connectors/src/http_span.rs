//! Spans for outbound HTTP calls.

use reqwest::{Client, Request, Response, StatusCode};
use tracing::{Instrument, Span, field::Empty};
use url::Url;

/// Sends a request within a span that follows OpenTelemetry's conventions for HTTP clients. The span ends
/// when the response headers arrive, and contains no part of a body. The trace context is not propagated.
///
/// # Errors
/// The errors of reqwest.
pub(crate) async fn send(client: &Client, request: Request) -> Result<Response, reqwest::Error> {
    let span = span(request.method().as_str(), request.url());
    let result = client.execute(request).instrument(span.clone()).await;
    record(&span, &result);
    result
}

fn span(method: &str, url: &Url) -> Span {
    tracing::debug_span!(
        "call",
        otel.name = method,
        otel.kind = "client",
        http.request.method = method,
        url.full = %url,
        server.address = url.host_str(),
        server.port = url.port_or_known_default(),
        http.response.status_code = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// Records the result in the span. A 404 is not an error, because a probe gets 404 for a missing effect.
fn record(span: &Span, result: &Result<Response, reqwest::Error>) {
    let error = match result {
        Ok(response) => {
            let status = response.status();
            span.record("http.response.status_code", status.as_u16());
            let failed = status.is_client_error() || status.is_server_error();
            (failed && status != StatusCode::NOT_FOUND).then(|| status.as_str().to_owned())
        }
        Err(error) if error.is_timeout() => Some("timeout".to_owned()),
        Err(error) if error.is_connect() => Some("connect".to_owned()),
        Err(_) => Some("_OTHER".to_owned()),
    };
    if let Some(error) = error {
        span.record("error.type", error).record("otel.status_code", "ERROR");
    }
}
