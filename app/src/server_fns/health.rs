use domain::pipeline::{PipelineHealth, TypicalDuration};
use leptos::prelude::*;

use crate::{Failure, codec::Json};

/// The health of the external pipeline.
///
/// # Errors
/// `UNAUTHENTICATED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "read_health", input = Json, output = Json)]
pub async fn read_health() -> Result<PipelineHealth, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    let role = signed_in_employee()?.role;
    let health = engine::pipeline::pipeline_health(&console()?.engine).await.map_err(respond_with_error)?;
    Ok(health.for_role(role))
}

/// Does the same as [`read_health`] for polling, without extending the session.
///
/// # Errors
/// Same as [`read_health`].
#[server(prefix = "/api/fn", endpoint = "refresh_health", input = Json, output = Json)]
pub async fn refresh_health() -> Result<PipelineHealth, Failure> {
    read_health().await
}

/// Ends the pause of a connector's open circuit, so that the next step tests the connector. Returns the
/// updated health.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `RESOURCE_NOT_FOUND` for an unknown connector, `INVALID_TRANSITION`
/// if its circuit is not open, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "check_connector", input = Json, output = Json)]
pub async fn check_connector(connector: String) -> Result<PipelineHealth, Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_problem, signed_in_admin};
    let employee = signed_in_admin()?;
    let connector = domain::pipeline::Connector::from_text(&connector)
        .ok_or_else(|| respond_with_problem(domain::ErrorCode::ResourceNotFound.into()))?;
    engine::pipeline::test_connector_now(&console()?.engine, &employee.into(), connector)
        .await
        .map_err(respond_with_error)?;
    read_health().await
}

/// The typical duration of each step, from past runs.
///
/// # Errors
/// `UNAUTHENTICATED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "typical_durations", input = Json, output = Json)]
pub async fn typical_durations() -> Result<Vec<TypicalDuration>, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    signed_in_employee()?;
    engine::pipeline::typical_durations(&console()?.engine).await.map_err(respond_with_error)
}
