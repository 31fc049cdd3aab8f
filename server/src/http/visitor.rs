//! Who sends a request: resolved once, from a bearer token or the session cookie.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::ErrorCode;
use engine::access::{Principal, find_session, find_token};

use super::{error::ApiError, session_cookie, state::Server};
use crate::pages::{ClientAddress, Visitor};

/// Puts [`Visitor`] and [`ClientAddress`] into the request.
///
/// # Errors
/// When the database cannot be asked: that nobody is signed in would be a lie.
pub async fn resolve(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let visitor = find(&server, request.headers()).await?;
    let address = address(request.extensions());
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(address);
    Ok(next.run(request).await)
}

/// A request with an `Authorization` header is judged by that header alone.
pub async fn find(server: &Server, headers: &HeaderMap) -> Result<Visitor, ApiError> {
    let engine = &server.console.engine;
    if headers.contains_key(header::AUTHORIZATION) {
        return match bearer(headers) {
            Some(token) => Ok(Visitor(find_token(engine, token).await?)),
            None => Ok(Visitor(None)),
        };
    }
    match session_cookie::read(headers, server.is_https) {
        Some(token) => Ok(Visitor(find_session(engine, token).await?)),
        None => Ok(Visitor(None)),
    }
}

/// The token of `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Where the connection comes from, without the port.
pub fn address(extensions: &http::Extensions) -> ClientAddress {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    ClientAddress(peer.map(|ConnectInfo(peer)| peer.ip().to_canonical().to_string()).unwrap_or_default())
}

/// Whoever is signed in, in any role.
#[derive(Debug)]
pub struct SignedIn(pub Principal);

/// Whoever is signed in and may make tenants.
#[derive(Debug)]
pub struct MayProvision(pub Principal);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let visitor = parts.extensions.get::<Visitor>();
        let principal = visitor.and_then(|visitor| visitor.0.clone());
        principal.map(Self).ok_or_else(|| ErrorCode::Unauthenticated.into())
    }
}

impl<S: Sync> FromRequestParts<S> for MayProvision {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let SignedIn(principal) = SignedIn::from_request_parts(parts, state).await?;
        principal.require_provisioning()?;
        Ok(Self(principal))
    }
}
