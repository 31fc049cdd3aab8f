//! The server functions that pages call.

use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::any,
};
use domain::paths::SERVER_FUNCTIONS;
use leptos::server_fn::axum::server_fn_paths;

use super::{authentication, error::ApiError, state::ServerState};
use crate::console::{self, AccountTenants, ClientAddress, CurrentPerson};

/// Converts an error that occurred before the function was called into the format of server functions.
/// Pages parse no other format.
pub(crate) fn error_response(error: ApiError, response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(console::serialize_failure(*error.problem)))
}

pub(crate) fn routes() -> Router<ServerState> {
    Router::new().route(&format!("{SERVER_FUNCTIONS}/{{*name}}"), any(call))
}

async fn call(
    State(server): State<ServerState>,
    Extension(person): Extension<CurrentPerson>,
    Extension(address): Extension<ClientAddress>,
    request: Request,
) -> Response {
    let methods: Vec<_> = server_fn_paths()
        .filter(|(path, _)| *path == request.uri().path())
        .map(|(_, method)| method)
        .collect();
    if methods.is_empty() {
        return ApiError::not_found().into_response();
    }
    if !methods.contains(request.method()) {
        return ApiError::method_not_allowed().into_response();
    }
    let session = authentication::session_token(&server, request.headers());
    let tenants = AccountTenants::default();
    let context = console::context(server.console, person, address, session, tenants, None);
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::paths::SERVER_FUNCTION_KINDS;

    use super::*;

    /// A function that is missing in the table would count as a user action and extend the session.
    #[test]
    fn the_table_of_request_kinds_lists_every_server_function() {
        let listed: BTreeSet<String> =
            SERVER_FUNCTION_KINDS.iter().map(|(name, _)| format!("{SERVER_FUNCTIONS}/{name}")).collect();
        let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
        assert_eq!(listed, registered);
        assert_eq!(listed.len(), SERVER_FUNCTION_KINDS.len());
    }
}
