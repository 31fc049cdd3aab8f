//! The JSON API under `/api/v1/admin` (`docs/specification.md`, section 8). "Add an endpoint" in CONTRIBUTING.md
//! lists the steps for a new route.

mod availability;
mod dead_step_actions;
mod events;
mod export;
mod history_query;
mod json_body;
mod list;
mod query_parameters;
mod requests;
mod tenants;

use axum::{
    Router,
    routing::{get, post},
};

use domain::paths::ADMIN_API;

use super::state::ServerState;

/// The routes that the middleware `authenticate` protects.
pub(crate) fn authenticated_routes() -> Router<ServerState> {
    let admin = Router::new()
        .route("/provisioning-requests", get(requests::list))
        .route("/provisioning-requests/export", get(export::download))
        .route("/provisioning-requests/{id}", get(requests::show))
        .route("/provisioning-requests/{id}/events", get(events::follow))
        .route("/provisioning-requests/{id}/retry", post(dead_step_actions::retry))
        .route("/provisioning-requests/{id}/skip", post(dead_step_actions::skip))
        .route("/provisioning-requests/{id}/rollback", post(dead_step_actions::rollback))
        .route("/provisioning-requests/by-key/{key}", get(requests::show_by_key))
        .route("/provisioning-requests/by-key/{key}/events", get(events::follow_by_key))
        .route("/availability/slug", get(availability::slug))
        .route("/availability/email", get(availability::email));
    Router::new().nest(ADMIN_API, admin)
}

/// The route that provisions. Its handler authenticates the sender, so that a call with a token needs one round trip to
/// the database.
pub(crate) fn provisioning_route() -> Router<ServerState> {
    Router::new().nest(ADMIN_API, Router::new().route("/tenants", post(tenants::create)))
}
