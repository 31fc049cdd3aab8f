//! Error responses in the format that the client expects: a page for browsers, JSON for other clients.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use domain::paths;

use super::{error::ApiError, server_functions, state::ServerState};

/// Renders an [`ApiError`] as a page for browsers and as a server function's error for server functions.
/// An error response without a body, which comes from a library, becomes an [`ApiError`] first.
pub(crate) async fn render(State(server): State<ServerState>, request: Request, next: Next) -> Response {
    let is_function = paths::is_server_function(request.uri().path());
    let is_page = !request.uri().path().starts_with("/api/") && wants_html(request.headers());
    let mut response = next.run(request).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if is_error && !response.headers().contains_key(header::CONTENT_TYPE) {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = ApiError::from_status(response.status()).into_response();
        allow.into_iter().for_each(|methods| drop(response.headers_mut().insert(header::ALLOW, methods)));
    }
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) if is_function => server_functions::error_response(error, response),
        Some(error) if is_page => render_html(&server, &error, response),
        _ => response,
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|types| types.contains("text/html"))
}

fn render_html(server: &ServerState, error: &ApiError, json: Response) -> Response {
    let entry = error.problem.code.entry();
    let reference =
        error.problem.reference.map(|id| format!("<p>Reference: <code>{id}</code></p>")).unwrap_or_default();
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Tenantry</title>\
         <link rel=\"icon\" href=\"/favicon.svg\"><link rel=\"stylesheet\" href=\"{css}\"></head>\
         <body><main class=\"auth\"><div class=\"auth-card stack\"><h1>{title}</h1><p>{detail} {next_step}</p>\
         <p><code>{code}</code></p>{reference}<a class=\"btn\" data-kind=\"secondary\" href=\"/\">Go to the start page</a>\
         </div></main></body></html>",
        title = escape(entry.title),
        css = escape(&server.console.assets.css.complete),
        detail = escape(&error.detail()),
        next_step = escape(entry.next_step),
        code = error.problem.code,
    );
    let (mut parts, _) = json.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, html.into())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
