use leptos::prelude::*;

use super::RequestRecord;
use crate::{Failure, codec::Json};

/// Retries the dead step of a request, with a new retry period. Returns the updated request.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `RESOURCE_NOT_FOUND`, `INVALID_TRANSITION`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "retry_step", input = Json, output = Json)]
pub async fn retry_step(id: String) -> Result<RequestRecord, Failure> {
    apply_action(id, engine::pipeline::DeadStepAction::Retry).await
}

/// Skips the dead step of a request, if the blueprint allows skipping it. Returns the updated request.
///
/// # Errors
/// Same as [`retry_step`].
#[server(prefix = "/api/fn", endpoint = "skip_step", input = Json, output = Json)]
pub async fn skip_step(id: String) -> Result<RequestRecord, Failure> {
    apply_action(id, engine::pipeline::DeadStepAction::Skip).await
}

/// Rolls back a request: undoes the steps in external systems, then removes the tenant. Stores the reason.
/// The slug of the tenant confirms the rollback. If a rollback was interrupted, another call continues the
/// rollback.
///
/// # Errors
/// Same as [`retry_step`]; `VALIDATION_ERROR` without a reason or for another slug; `CONNECTOR_FAILED` and
/// `CONNECTOR_TIMEOUT` if a step could not be undone, which keeps the tenant.
#[server(prefix = "/api/fn", endpoint = "rollback", input = Json, output = Json)]
pub async fn rollback(id: String, slug: String, reason: String) -> Result<RequestRecord, Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_problem, signed_in_admin};
    let employee = signed_in_admin()?;
    let engine = console()?.engine;
    let request = super::history::parse_id(&id)?;
    let confirmation = domain::rollback::RollbackConfirmation::parse(&slug, &reason)
        .map_err(|errors| respond_with_problem(domain::Problem::from_fields(errors)))?;
    engine::pipeline::rollback_detached(&engine, employee, request, confirmation)
        .await
        .map_err(respond_with_error)?;
    super::open_request(id).await
}

#[cfg(feature = "ssr")]
async fn apply_action(
    id: String,
    action: engine::pipeline::DeadStepAction,
) -> Result<RequestRecord, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let employee = signed_in_admin()?;
    let engine = console()?.engine;
    let request = super::history::parse_id(&id)?;
    engine::pipeline::apply_dead_step_action(&engine, &employee, request, action)
        .await
        .map_err(respond_with_error)?;
    super::open_request(id).await
}
