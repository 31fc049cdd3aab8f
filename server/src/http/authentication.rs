//! Authentication: identifies the person who sends a request by a bearer token or by the session cookie.
//! The sender of a request with neither is a visitor.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::{
    ErrorCode,
    access::device_name,
    api_key::{ApiKey, ApiKeyKind},
    paths::RequestKind,
};
use engine::{
    access::{Caller, Employee, Person, with_client_address},
    tenants::TenantCaller,
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    credential::{Credential, bearer_token},
    error::ApiError,
    session_cookie,
    state::ServerState,
};
use crate::console::{ClientAddress, CurrentPerson, SessionToken};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Adds [`CurrentPerson`] and [`ClientAddress`] to the request.
///
/// # Errors
/// `FORBIDDEN` if the token has scopes, and the request needs another one; when the database is not available to
/// check the token or the session.
pub(crate) async fn authenticate(
    State(server): State<ServerState>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let person = find_person(&server, request.headers(), request.method(), request.uri().path()).await?;
    let address = client_address(&server, request.headers(), request.extensions());
    request.extensions_mut().insert(person);
    request.extensions_mut().insert(address);
    Ok(next.run(request).await)
}

/// Gives the audit entries of the request the address of the client.
pub(crate) async fn identify_client(
    State(server): State<ServerState>,
    request: Request,
    next: Next,
) -> Response {
    let ClientAddress(address) = client_address(&server, request.headers(), request.extensions());
    with_client_address(&address, next.run(request)).await
}

/// Identifies the person who sends a request with these headers.
pub(crate) async fn find_person(
    server: &ServerState,
    headers: &HeaderMap,
    method: &Method,
    path: &str,
) -> Result<CurrentPerson, ApiError> {
    let person = match Credential::read(headers, server.is_https) {
        Some(credential) => credential.find_sender(&server.console.engine, method, path).await?,
        None => None,
    };
    Ok(CurrentPerson(person))
}

/// Opens the session of a person who has just signed in: ends the session that the browser had before, and records
/// the browser. Returns the header that stores the session. A failure is only logged, because the person is signed
/// in.
pub(crate) async fn begin_session(
    server: &ServerState,
    headers: &HeaderMap,
    ClientAddress(address): &ClientAddress,
    session: &SecretString,
) -> Option<HeaderValue> {
    end_former_session(server, headers).await;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let device = user_agent.and_then(device_name);
    let (engine, token) = (&server.console.engine, session.expose_secret());
    if let Err(error) = engine::access::record_sign_in(engine, token, device.as_deref(), address).await {
        tracing::warn!(?error, "the browser of a session could not be recorded");
    }
    session_cookie::store(token, server.is_https)
}

/// Ends the session that the browser had before it signed in. A failure is only logged, because the browser
/// has a new session.
async fn end_former_session(server: &ServerState, headers: &HeaderMap) {
    let Some(token) = session_cookie::read(headers, server.is_https) else { return };
    if let Err(error) = engine::access::end_session(&server.console.engine, token).await {
        tracing::warn!(?error, "the former session of a browser could not be ended");
    }
}

/// The token of the session that sends a request with these headers. A bearer token takes precedence.
pub(crate) fn session_token(server: &ServerState, headers: &HeaderMap) -> SessionToken {
    let credential = Credential::read(headers, server.is_https);
    SessionToken(credential.as_ref().and_then(Credential::session_token).map(str::to_owned))
}

/// The IP address of the client.
pub(crate) fn client_address(
    server: &ServerState,
    headers: &HeaderMap,
    extensions: &http::Extensions,
) -> ClientAddress {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let client = peer.map(|ConnectInfo(peer)| client_ip(peer.ip(), headers, &server.trusted_proxies));
    ClientAddress(client.map(|address| address.to_string()).unwrap_or_default())
}

/// Reads `X-Forwarded-For` from the last entry to the first, and returns the first address that is not a
/// trusted proxy. The client may have forged the entries before that address.
fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
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

/// Parses an address with or without a port. Some proxies add a port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip())).ok()?;
    Some(address.to_canonical())
}

/// The signed-in employee, with any role.
#[derive(Debug)]
pub(crate) struct SignedIn(pub Employee);

/// The sender of a request that provisions a tenant. A session is checked here, and a token by the statement
/// that provisions.
#[derive(Debug)]
pub(crate) struct ApiCaller(pub Caller);

/// A program of a tenant, with the tenant's secret key. The format and the checksum of the key are checked
/// here; the transaction of the call authenticates the key.
#[derive(Debug)]
pub(crate) struct TenantProgram(pub TenantCaller);

/// The signed-in employee, who is an admin: whose role may provision tenants.
#[derive(Debug)]
pub(crate) struct SignedInAdmin(pub Employee);

/// Returns the employee.
///
/// # Errors
/// `UNAUTHENTICATED` for a visitor; `FORBIDDEN` for another account.
pub(crate) fn require_employee(person: Option<Person>) -> Result<Employee, ApiError> {
    match person {
        Some(Person::Employee(employee)) => Ok(employee),
        Some(Person::Account(_)) => Err(ErrorCode::Forbidden.into()),
        None => Err(ErrorCode::Unauthenticated.into()),
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let current = parts.extensions.get::<CurrentPerson>();
        require_employee(current.and_then(|CurrentPerson(person)| person.clone())).map(Self)
    }
}

impl FromRequestParts<ServerState> for ApiCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &ServerState) -> Result<Self, ApiError> {
        let credential =
            Credential::read(&parts.headers, server.is_https).ok_or(ErrorCode::Unauthenticated)?;
        if let Credential::Token(token) = credential {
            return Ok(Self(Caller::Token(token.into())));
        }
        let kind = RequestKind::of(parts.uri.path());
        let person = credential.find_person(&server.console.engine, kind).await?;
        require_employee(person).map(|employee| Self(employee.into()))
    }
}

impl<S: Sync> FromRequestParts<S> for TenantProgram {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let key = bearer_token(&parts.headers).and_then(|token| ApiKey::parse(token).ok());
        let key = key.filter(|key| key.kind() == ApiKeyKind::Secret);
        key.map(|key| Self(TenantCaller::Key(key))).ok_or_else(|| ErrorCode::Unauthenticated.into())
    }
}

impl<S: Sync> FromRequestParts<S> for SignedInAdmin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let SignedIn(employee) = SignedIn::from_request_parts(parts, state).await?;
        employee.require_provisioning()?;
        Ok(Self(employee))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXIES: [&str; 2] = ["10.0.0.1", "10.0.0.2"];

    fn client_of(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let trusted = PROXIES.map(|text| text.parse().unwrap());
        client_ip(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn the_client_is_the_last_address_before_the_trusted_proxies() {
        assert_eq!(client_of("10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client_of("::ffff:10.0.0.1", &["9.9.9.9, 203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(client_of("10.0.0.1", &["9.9.9.9", "203.0.113.7:5000"]), "203.0.113.7");
        assert_eq!(client_of("10.0.0.1", &["[2001:db8::1]:5000,10.0.0.2"]), "2001:db8::1");
    }

    #[test]
    fn an_untrusted_forwarded_header_is_ignored() {
        assert_eq!(client_of("198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
        assert_eq!(client_of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client_of("10.0.0.1", &["203.0.113.7, unknown"]), "10.0.0.1");
    }
}
