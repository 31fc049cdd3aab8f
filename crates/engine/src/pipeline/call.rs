use reqwest::{RequestBuilder, Response, StatusCode};
use tracing::{Instrument, Span, field::Empty};
use url::Url;

/// Sends a request of a connector, within a span after OpenTelemetry's conventions for HTTP clients.
/// It ends with the answer's head, and holds nothing of either body. Other systems are not told of
/// the trace.
///
/// # Errors
/// Those of reqwest.
pub(super) async fn send(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    let (client, request) = request.build_split();
    let request = request?;
    let span = span(request.method().as_str(), request.url());
    let answer = client.execute(request).instrument(span.clone()).await;
    note(&span, &answer);
    answer
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

/// Nothing there is an answer like any other: steps look before they act.
fn note(span: &Span, answer: &Result<Response, reqwest::Error>) {
    let cause = match answer {
        Ok(response) => {
            let status = response.status();
            span.record("http.response.status_code", status.as_u16());
            let wrong = status.is_client_error() || status.is_server_error();
            (wrong && status != StatusCode::NOT_FOUND).then(|| status.as_str().to_owned())
        }
        Err(error) if error.is_timeout() => Some("timeout".to_owned()),
        Err(error) if error.is_connect() => Some("connect".to_owned()),
        Err(_) => Some("broken".to_owned()),
    };
    if let Some(cause) = cause {
        span.record("error.type", cause).record("otel.status_code", "ERROR");
    }
}
