//! Liveness (`/healthz`) and readiness (`/readyz`).

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    ErrorCode::{DatabaseUnavailable, SchemaOutOfDate, Timeout},
    paths::{LIVENESS, READINESS},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{error::ApiError, openapi::described_routes::DescribedRoutes, state::ServerState};

/// The state of the server.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    status: &'static str,
}

pub(crate) fn routes() -> DescribedRoutes {
    DescribedRoutes::default()
        .add_public(routes!(alive), &[])
        .add_public(routes!(ready), &[DatabaseUnavailable, SchemaOutOfDate, Timeout])
}

/// Check whether the process runs
#[utoipa::path(
    get,
    path = LIVENESS,
    operation_id = "checkLiveness",
    tag = "Service",
    security(()),
    responses((
        status = 200,
        description = "The process runs.",
        body = Health,
        example = json!({ "status": "ok" }),
    )),
)]
async fn alive() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Check whether the server can handle requests
///
/// The server is ready while it is not shutting down, and the database responds and has the schema of this
/// version.
#[utoipa::path(
    get,
    path = READINESS,
    operation_id = "checkReadiness",
    tag = "Service",
    security(()),
    responses(
        (
            status = 200,
            description = "The server is ready.",
            body = Health,
            example = json!({ "status": "ready" }),
        ),
        (
            status = 503,
            description = "The server is shutting down, or one of these problems:",
            body = Health,
            example = json!({ "status": "shutting down" }),
        ),
    ),
)]
async fn ready(State(server): State<ServerState>) -> Result<(StatusCode, Json<Health>), ApiError> {
    if *server.is_shutting_down.borrow() {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "shutting down" })));
    }
    // Does not log the error: probes are frequent, and `Engine::watch_database` also logs it.
    server.console.engine.check_schema().await.map_err(|error| error.problem())?;
    Ok((StatusCode::OK, Json(Health { status: "ready" })))
}
