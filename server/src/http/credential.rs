use axum::http::{HeaderMap, Method, header};
use domain::{access::ApiScope, paths::RequestKind};
use engine::{
    Engine, Error,
    access::{Employee, Person, authenticate_token, find_session, find_token},
};

use super::session_cookie;

/// What identifies the person who sends a request.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    /// A bearer token.
    Token(String),
    /// The token of a session.
    Session(String),
}

impl Credential {
    /// Reads the credential of a request. A bearer token takes precedence over the session cookie. Other
    /// schemes of `Authorization` are ignored, because a proxy may use them.
    pub(crate) fn read(headers: &HeaderMap, is_https: bool) -> Option<Self> {
        if let Some(token) = bearer_token(headers) {
            return Some(Self::Token(token.to_owned()));
        }
        session_cookie::read(headers, is_https).map(|token| Self::Session(token.to_owned()))
    }

    /// The token of a session.
    pub(crate) fn session_token(&self) -> Option<&str> {
        match self {
            Self::Token(_) => None,
            Self::Session(token) => Some(token),
        }
    }

    /// Returns the person, unless the credential is no longer valid or the employee is disabled.
    ///
    /// # Errors
    /// The database's error.
    pub(crate) async fn find_person(
        &self,
        engine: &Engine,
        kind: RequestKind,
    ) -> Result<Option<Person>, Error> {
        match self {
            Self::Token(token) => Ok(find_token(engine, token).await?.map(Person::Employee)),
            Self::Session(token) => find_session(engine, token, kind).await,
        }
    }

    /// Returns the person who sends a request, unless the credential is no longer valid or the employee is
    /// disabled. This is the only place that checks the scopes of a token, except for the statement that
    /// provisions.
    ///
    /// # Errors
    /// `FORBIDDEN` if the token has scopes, and the request needs another one; the database's error.
    pub(crate) async fn find_sender(
        &self,
        engine: &Engine,
        method: &Method,
        path: &str,
    ) -> Result<Option<Person>, Error> {
        let Self::Token(token) = self else {
            return self.find_person(engine, RequestKind::of(path)).await;
        };
        let Some(bearer) = authenticate_token(engine, token).await? else { return Ok(None) };
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        bearer.require_scope(ApiScope::of_call(is_read, path))?;
        Ok(Some(Person::Employee(bearer.employee)))
    }

    /// Returns the employee. `None` also for another account.
    ///
    /// # Errors
    /// The database's error.
    pub(crate) async fn find_employee(
        &self,
        engine: &Engine,
        kind: RequestKind,
    ) -> Result<Option<Employee>, Error> {
        Ok(self.find_person(engine, kind).await?.and_then(Person::employee))
    }
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
