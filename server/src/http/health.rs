//! Liveness (`/healthz`) and readiness (`/readyz`).

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};

use super::{error::ApiError, state::ServerState};

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(ready))
}

/// Ready means that the server is not shutting down, and that the database responds and has the schema of
/// this version.
async fn ready(State(server): State<ServerState>) -> Result<(StatusCode, Json<Value>), ApiError> {
    if *server.is_shutting_down.borrow() {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "shutting down" }))));
    }
    // Does not log the error: probes are frequent, and `Engine::watch_database` also logs it.
    server.console.engine.check_schema().await.map_err(|error| error.problem())?;
    Ok((StatusCode::OK, Json(json!({ "status": "ready" }))))
}
