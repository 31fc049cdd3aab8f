use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    api, authentication, compression, csrf,
    error::{self, ApiError},
    headers, health, limits, openapi, pages, problem_page, server_functions, site,
    state::ServerState,
};

/// All routes and their middleware.
pub(super) fn router(server: ServerState) -> Router {
    let authenticated = Router::new()
        .merge(pages::routes())
        .merge(server_functions::routes())
        .merge(api::authenticated_routes().into_router())
        .layer(middleware::from_fn_with_state(server.clone(), authentication::authenticate));
    let protected = Router::new()
        .merge(authenticated)
        .merge(api::provisioning_route().into_router())
        .merge(api::tenant_program_routes().into_router())
        .merge(api::sign_up_routes().into_router())
        .fallback(site::file_or_not_found)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(server.clone(), csrf::refuse_cross_site))
        .layer(middleware::from_fn_with_state(server.clone(), authentication::identify_client));
    // The layer that is added first is the innermost.
    Router::new()
        .merge(protected)
        .merge(health::routes().into_router())
        .merge(openapi::routes().into_router())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn(limits::limit_body))
        .layer(middleware::from_fn(limits::limit_time))
        .layer(CatchPanicLayer::custom(error::from_panic))
        .layer(middleware::from_fn_with_state(server.clone(), problem_page::render))
        .layer(middleware::from_fn_with_state(server.clone(), headers::add))
        .layer(middleware::from_fn(compression::allow_for_get))
        .layer(compression::layer())
        .with_state(server)
}
