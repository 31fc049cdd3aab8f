//! Protection against cross-site request forgery.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{credential::bearer_token, error::ApiError, state::ServerState};
use domain::paths;

/// Refuses an unsafe request unless it comes from our own pages or from a client that is not a browser. The
/// header `Sec-Fetch-Site` decides. If it is missing, `Origin` decides. A request with neither is refused,
/// except a call of the API without a cookie. `same-site` is refused as well, because tenants are on sibling
/// subdomains.
pub(crate) async fn refuse_cross_site(
    State(server): State<ServerState>,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() || is_trusted(&server, request.uri().path(), request.headers()) {
        return next.run(request).await;
    }
    ApiError::cross_site_request().into_response()
}

fn is_trusted(server: &ServerState, path: &str, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    // Browsers never add a bearer token automatically.
    if bearer_token(headers).is_some() {
        return true;
    }
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => is_own_origin(server, origin, headers),
        // A program. Without a cookie, the request has no rights of a person who uses a browser.
        (None, None) => path.starts_with(paths::API) && !headers.contains_key(header::COOKIE),
    }
}

fn is_own_origin(server: &ServerState, origin: &str, headers: &HeaderMap) -> bool {
    match &server.public_origin {
        Some(own) => origin == &**own,
        None => {
            let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
            host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, authority)| authority == host))
        }
    }
}
