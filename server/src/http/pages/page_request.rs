use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{Problem, paths};

use engine::access::{Account, Employee, Person};
use secrecy::SecretString;

use crate::{
    console::{self, AccountTenants, ClientAddress, CurrentPerson, FormResult, SessionToken},
    http::{
        authentication,
        error::{ApiError, status_of},
        state::ServerState,
    },
};

/// A request for a page, or a form post whose response is that page.
#[derive(Debug)]
pub(crate) struct PageRequest {
    pub server: ServerState,
    pub person: CurrentPerson,
    pub address: ClientAddress,
    parts: Parts,
}

impl FromRequestParts<ServerState> for PageRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &ServerState) -> Result<Self, ApiError> {
        let person = parts.extensions.get::<CurrentPerson>().cloned().unwrap_or(CurrentPerson(None));
        let address = authentication::client_address(server, &parts.headers, &parts.extensions);
        Ok(Self { server: server.clone(), person, address, parts: parts.clone() })
    }
}

impl PageRequest {
    /// Creates the request for a path that has no route.
    ///
    /// # Errors
    /// When the database is not available to identify the person.
    pub(crate) async fn without_route(server: &ServerState, parts: Parts) -> Result<Self, ApiError> {
        let path = parts.uri.path();
        let person = authentication::find_person(server, &parts.headers, &parts.method, path).await?;
        let address = authentication::client_address(server, &parts.headers, &parts.extensions);
        Ok(Self { server: server.clone(), person, address, parts })
    }

    /// The token of a setup or invitation link, which is the last segment of the path.
    pub(crate) fn token(&self) -> String {
        self.parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Gives the browser the session of a person who has just signed in. Returns the header that stores it.
    pub(crate) async fn begin_session(&self, session: &SecretString) -> Option<HeaderValue> {
        authentication::begin_session(&self.server, self.headers(), &self.address, session).await
    }

    /// The token of the session that sends the request.
    pub(crate) fn session(&self) -> SessionToken {
        authentication::session_token(&self.server, self.headers())
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The signed-in employee.
    pub(crate) fn employee(&self) -> Option<Employee> {
        self.person.0.clone().and_then(Person::employee)
    }

    /// The signed-in account of a person who is not an employee.
    pub(crate) fn account(&self) -> Option<Account> {
        match &self.person.0 {
            Some(Person::Account(account)) => Some(account.clone()),
            _ => None,
        }
    }

    /// The path of the page, without its query.
    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The tenants of the signed-in account, for the pages of the portal.
    ///
    /// # Errors
    /// The database's error.
    async fn account_tenants(&self) -> Result<AccountTenants, engine::Error> {
        match paths::is_portal(self.path()) {
            true => AccountTenants::of(&self.server.console.engine, self.person.0.as_ref()).await,
            false => Ok(AccountTenants::default()),
        }
    }

    /// Where the sender must go first: to the sign-in page, or from the console to the portal. `None` if the
    /// sender may see the page.
    fn redirect(&self) -> Option<String> {
        let path = self.parts.uri.path();
        match &self.person.0 {
            _ if paths::is_signed_out_page(path) || paths::is_sign_up_page(path) => None,
            None => Some(self.sign_in_path()),
            Some(Person::Account(_)) if !paths::is_for_accounts(path) => Some(paths::PORTAL.to_owned()),
            Some(_) => None,
        }
    }

    /// The path of the sign-in page, which returns to this page after signing in.
    fn sign_in_path(&self) -> String {
        let current = self.parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let next: String = form_urlencoded::byte_serialize(current.as_bytes()).collect();
        format!("{}?next={next}", paths::LOGIN)
    }

    /// Renders the page, or redirects to the sign-in page, which returns to the page after signing in. The
    /// pages of the console redirect the members of tenants to the portal.
    pub(crate) async fn show(self) -> Response {
        if let Some(path) = self.redirect() {
            return Redirect::to(&path).into_response();
        }
        self.render(None, StatusCode::OK).await
    }

    /// Renders the page at this path with the result of a form post. A `status` other than 200 overrides the
    /// status that the page sets.
    pub(crate) async fn render(mut self, form_result: Option<FormResult>, status: StatusCode) -> Response {
        self.parts.method = Method::GET;
        let tenants = match self.account_tenants().await {
            Ok(tenants) => tenants,
            Err(error) => return ApiError::from(error).into_response(),
        };
        let session = self.session();
        let console = self.server.console;
        let context =
            console::context(console.clone(), self.person, self.address, session, tenants, form_result);
        let request = Request::from_parts(self.parts, Body::empty());
        let mut response = console::render(console, context, request).await;
        if status != StatusCode::OK {
            *response.status_mut() = status;
        }
        response
    }

    /// Renders the style guide.
    pub(crate) async fn render_styleguide(self) -> Response {
        let session = self.session();
        let console = self.server.console;
        let tenants = AccountTenants::default();
        let context = console::context(console.clone(), self.person, self.address, session, tenants, None);
        console::render_styleguide(console, context, Request::from_parts(self.parts, Body::empty())).await
    }

    /// Renders the page with the problem of a form post, and with the status of that problem.
    pub(crate) async fn render_problem(self, problem: &Problem, form_result: FormResult) -> Response {
        let retry_after = problem.retry_after_seconds();
        let mut response = self.render(Some(form_result), status_of(problem.code)).await;
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// `303 See Other` to a local path, with a `Set-Cookie` header.
pub(crate) fn see_other(path: &str, cookie: Option<HeaderValue>) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    cookie.into_iter().for_each(|cookie| drop(response.headers_mut().insert(header::SET_COOKIE, cookie)));
    response
}
