//! Whether the process runs, and whether it can work.

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use engine::Engine;
use serde_json::json;

use super::{error::ApiError, state::Server};

pub fn routes() -> Router<Server> {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(ready))
}

/// Ready is: the database answers and has the schema of this version.
async fn ready(State(engine): State<Engine>) -> Result<impl IntoResponse, ApiError> {
    // A probe comes every few seconds: the schema's watch has logged the cause already.
    engine.check_schema().await.map_err(|error| error.problem())?;
    Ok(Json(json!({ "status": "ready" })))
}
