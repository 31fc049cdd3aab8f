//! Refuses what another site made a browser send.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{error::ApiError, state::Server, visitor::bearer};

/// Lets an unsafe request through only when it was sent by our own pages, or by something that
/// is no browser: `Sec-Fetch-Site` decides, without it `Origin`, without either it is refused.
/// Not even `same-site` will do, because tenants live on sibling subdomains.
pub async fn refuse_foreign(State(server): State<Server>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_trusted(&server, request.uri().path(), request.headers()) {
        return next.run(request).await;
    }
    ApiError::foreign_request().into_response()
}

fn is_trusted(server: &Server, path: &str, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    // A browser adds no bearer token by itself.
    if bearer(headers).is_some() {
        return true;
    }
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => is_own_origin(server, origin, headers),
        // Nothing to abuse: the API will answer that nobody is signed in.
        (None, None) => path.starts_with("/api/v1/") && !headers.contains_key(header::COOKIE),
    }
}

fn is_own_origin(server: &Server, origin: &str, headers: &HeaderMap) -> bool {
    match &server.public_origin {
        Some(own) => origin == &**own,
        None => {
            let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
            host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, authority)| authority == host))
        }
    }
}
