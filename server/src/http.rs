//! HTTP: the pages, the JSON API, and the middleware of every request.

mod api;
mod authentication;
mod compression;
mod csrf;
mod error;
mod headers;
mod health;
mod limits;
mod pages;
mod problem_page;
mod serve;
mod server_functions;
mod session_cookie;
mod site;
mod site_files;
mod state;

pub(crate) use self::{serve::serve, site::Site};

use axum::{Router, http::StatusCode, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use self::{error::ApiError, state::Server};

/// All routes and their middleware.
fn router(server: Server) -> Router {
    let authenticated = Router::new()
        .merge(pages::routes())
        .merge(server_functions::routes())
        .merge(api::routes())
        .layer(middleware::from_fn_with_state(server.clone(), authentication::authenticate));
    // The layer that is added first is the innermost.
    Router::new()
        .merge(authenticated)
        .merge(health::routes())
        .fallback(site::file_or_not_found)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn(limits::limit_body))
        .layer(middleware::from_fn(limits::limit_time))
        .layer(middleware::from_fn_with_state(server.clone(), csrf::refuse_cross_site))
        .layer(CatchPanicLayer::custom(error::from_panic))
        .layer(middleware::from_fn_with_state(server.clone(), problem_page::render))
        .layer(middleware::from_fn_with_state(server.clone(), headers::add))
        .layer(middleware::from_fn(compression::allow_for_get))
        .layer(compression::layer())
        .with_state(server)
}

/// The HTTP status of an error code.
fn status_of(code: domain::ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
