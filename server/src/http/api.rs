//! The JSON API under `/api/v1/admin` (`docs/specification.md`, section 8). "Add an endpoint" in
//! CONTRIBUTING.md lists the steps for a new route.

mod availability;
mod dead_step_actions;
mod employees;
mod events;
mod export;
mod history_query;
mod idempotency;
mod invitations;
mod json_body;
mod json_fields;
mod keys;
mod list;
mod password;
mod query_parameters;
mod requests;
mod sessions;
mod tenants;
mod tokens;

use axum::{
    Router,
    routing::{delete, get, patch, post, put},
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
        .route("/tenants/{tenant}/keys", get(keys::list))
        .route("/tenants/{tenant}/keys/{id}", delete(keys::revoke))
        .route("/tenants/{tenant}/keys/{id}/rotate", post(keys::rotate))
        .route("/tenants/{tenant}/invitations", get(invitations::list))
        .route("/tenants/{tenant}/invitations/{id}", delete(invitations::revoke))
        .route("/tenants/{tenant}/invitations/{id}/resend", post(invitations::resend))
        .route("/availability/slug", get(availability::slug))
        .route("/availability/email", get(availability::email))
        .merge(access_routes());
    Router::new().nest(ADMIN_API, admin)
}

/// The routes that manage employees, admin tokens and sessions.
fn access_routes() -> Router<ServerState> {
    Router::new()
        .route("/employees", get(employees::list).post(employees::invite))
        .route("/employees/{id}", patch(employees::update))
        .route("/employees/{id}/setup-link", post(employees::renew_setup_link))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{id}", delete(tokens::revoke))
        .route("/sessions", get(sessions::list))
        .route("/sessions/{id}", delete(sessions::end))
        .route("/me/password", put(password::change))
}

/// The route that provisions. Its handler authenticates the sender, so that a call with a token needs one
/// round trip to the database.
pub(crate) fn provisioning_route() -> Router<ServerState> {
    Router::new().nest(ADMIN_API, Router::new().route("/tenants", post(tenants::create)))
}
