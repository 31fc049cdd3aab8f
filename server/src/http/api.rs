//! The JSON API under `/api/v1/admin` (SPEC section 8).

mod availability;
mod decisions;
mod events;
mod export;
mod json_body;
mod requests;
mod tenants;

use axum::{
    Router,
    routing::{get, post},
};

use super::state::Server;

pub fn routes() -> Router<Server> {
    let admin = Router::new()
        .route("/tenants", post(tenants::create))
        .route("/provisioning-requests", get(requests::list))
        .route("/provisioning-requests/export", get(export::download))
        .route("/provisioning-requests/{id}", get(requests::show))
        .route("/provisioning-requests/{id}/events", get(events::follow))
        .route("/provisioning-requests/{id}/retry", post(decisions::retry))
        .route("/provisioning-requests/{id}/skip", post(decisions::skip))
        .route("/provisioning-requests/{id}/rollback", post(decisions::rollback))
        .route("/provisioning-requests/by-key/{key}", get(requests::show_by_key))
        .route("/provisioning-requests/by-key/{key}/events", get(events::follow_by_key))
        .route("/availability/slug", get(availability::slug))
        .route("/availability/email", get(availability::email));
    Router::new().nest("/api/v1/admin", admin)
}
