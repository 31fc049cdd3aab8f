use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::Problem;
use engine::access::AskedBy;

use crate::{
    http::{error::ApiError, state::Server, status_of, visitor},
    pages::{self, ClientAddress, FormResult, Visitor},
};

/// The pages for those who are not signed in.
const PUBLIC: [&str; 3] = ["/login", "/setup/", "/invitation/"];

/// A request for a page, and for the page that a form post ends with.
#[derive(Debug)]
pub struct PageRequest {
    pub server: Server,
    pub visitor: Visitor,
    pub address: ClientAddress,
    parts: Parts,
}

impl FromRequestParts<Server> for PageRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        let visitor = parts.extensions.get::<Visitor>().cloned();
        let visitor = visitor.unwrap_or(Visitor(None));
        let address = visitor::address(server, &parts.headers, &parts.extensions);
        Ok(Self { server: server.clone(), visitor, address, parts: parts.clone() })
    }
}

impl PageRequest {
    /// A request that no route has taken.
    ///
    /// # Errors
    /// When the database cannot be asked who sends it.
    pub async fn of_unknown(server: &Server, parts: Parts) -> Result<Self, ApiError> {
        let visitor = visitor::find(server, &parts.headers, AskedBy::Person).await?;
        let address = visitor::address(server, &parts.headers, &parts.extensions);
        Ok(Self { server: server.clone(), visitor, address, parts })
    }

    /// The last part of the address, where the links carry their token.
    pub fn token(&self) -> String {
        self.parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned()
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    pub fn needs_sign_in(&self) -> bool {
        let path = self.parts.uri.path();
        self.visitor.0.is_none() && !PUBLIC.iter().any(|public| path.starts_with(public))
    }

    /// The sign-in page that leads back here.
    pub fn sign_in_address(&self) -> String {
        let here = self.parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
        format!("/login?next={next}")
    }

    /// Renders the page at this address; `posted` is what the form post ended with. A page that
    /// sets a status of its own keeps it, unless `status` says more than 200.
    pub async fn render(mut self, posted: Option<FormResult>, status: StatusCode) -> Response {
        self.parts.method = Method::GET;
        let console = self.server.console;
        let context = pages::context(console.clone(), self.visitor, self.address, posted);
        let request = Request::from_parts(self.parts, Body::empty());
        let mut response = pages::render(console, context, request).await;
        if status != StatusCode::OK {
            *response.status_mut() = status;
        }
        response
    }

    /// Renders the style guide in place of a page.
    pub async fn render_styleguide(self) -> Response {
        let console = self.server.console;
        let context = pages::context(console.clone(), self.visitor, self.address, None);
        pages::render_styleguide(console, context, Request::from_parts(self.parts, Body::empty())).await
    }

    /// Renders the page with a form post's problem and the problem's status.
    pub async fn render_problem(self, problem: &Problem, posted: FormResult) -> Response {
        let retry_after = problem.retry_after_seconds();
        let mut response = self.render(Some(posted), status_of(problem.code)).await;
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// `303 See Other` to a local address, with a cookie to set.
pub fn see_other(address: &str, cookie: Option<HeaderValue>) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    cookie.into_iter().for_each(|cookie| drop(response.headers_mut().insert(header::SET_COOKIE, cookie)));
    response
}
