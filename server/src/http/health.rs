//! Liveness (`/healthz`) and readiness (`/readyz`).

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use engine::Engine;
use serde_json::json;

use super::{error::ApiError, state::ServerState};

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(ready))
}

/// Ready means that the database responds and has the schema of this version.
async fn ready(State(engine): State<Engine>) -> Result<impl IntoResponse, ApiError> {
    // Does not log the error: probes are frequent, and `Engine::watch_database` also logs it.
    engine.check_schema().await.map_err(|error| error.problem())?;
    Ok(Json(json!({ "status": "ready" })))
}
