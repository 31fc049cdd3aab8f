//! Who sends a request: resolved once, from a bearer token or the session cookie.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::ErrorCode;
use engine::access::{AskedBy, Principal, find_session, find_token};

use super::{error::ApiError, session_cookie, state::Server};
use crate::pages::{ClientAddress, Visitor};

const FORWARDED_FOR: &str = "x-forwarded-for";
/// Where the functions are that a page calls by itself.
const UNATTENDED: &str = "/api/fn/unattended/";

/// Puts [`Visitor`] and [`ClientAddress`] into the request.
///
/// # Errors
/// When the database cannot be asked: that nobody is signed in would be a lie.
pub async fn resolve(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let path = request.uri().path();
    // A stream comes back by itself every few minutes.
    let by_itself = path.starts_with(UNATTENDED) || path.ends_with("/events");
    let asked_by = if by_itself { AskedBy::Page } else { AskedBy::Person };
    let visitor = find(&server, request.headers(), asked_by).await?;
    let address = address(&server, request.headers(), request.extensions());
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(address);
    Ok(next.run(request).await)
}

/// A request with an `Authorization` header is judged by that header alone.
pub async fn find(server: &Server, headers: &HeaderMap, asked_by: AskedBy) -> Result<Visitor, ApiError> {
    let engine = &server.console.engine;
    if headers.contains_key(header::AUTHORIZATION) {
        return match bearer(headers) {
            Some(token) => Ok(Visitor(find_token(engine, token).await?)),
            None => Ok(Visitor(None)),
        };
    }
    match session_cookie::read(headers, server.is_https) {
        Some(token) => Ok(Visitor(find_session(engine, token, asked_by).await?)),
        None => Ok(Visitor(None)),
    }
}

/// The token of `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Where the request comes from, without the port.
pub fn address(server: &Server, headers: &HeaderMap, extensions: &http::Extensions) -> ClientAddress {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let client = peer.map(|ConnectInfo(peer)| client(peer.ip(), headers, &server.trusted_proxies));
    ClientAddress(client.map(|address| address.to_string()).unwrap_or_default())
}

/// Follows `X-Forwarded-For` backwards, from proxy to proxy, for as long as whoever wrote it is
/// trusted. What stands before that is whatever the client liked to write.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(parse_hop);
    let mut client = peer.to_canonical();
    while trusted.contains(&client) {
        match hops.next() {
            Some(Some(hop)) => client = hop,
            _ => break,
        }
    }
    client
}

/// An address, which some proxies write with its port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip())).ok()?;
    Some(address.to_canonical())
}

/// Whoever is signed in, in any role.
#[derive(Debug)]
pub struct SignedIn(pub Principal);

/// Whoever is signed in and may make tenants.
#[derive(Debug)]
pub struct MayProvision;

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
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const PROXIES: [&str; 2] = ["10.0.0.1", "10.0.0.2"];

    fn client_of(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let trusted = PROXIES.map(|text| text.parse().unwrap());
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn the_last_address_that_no_proxy_of_ours_has_is_the_client() {
        assert_eq!(client_of("10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client_of("::ffff:10.0.0.1", &["9.9.9.9, 203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(client_of("10.0.0.1", &["9.9.9.9", "203.0.113.7:5000"]), "203.0.113.7");
        assert_eq!(client_of("10.0.0.1", &["[2001:db8::1]:5000,10.0.0.2"]), "2001:db8::1");
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(client_of("198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
        assert_eq!(client_of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client_of("10.0.0.1", &["203.0.113.7, unknown"]), "10.0.0.1");
    }
}
