use leptos::prelude::*;

use super::Record;
use crate::{Failure, codec::Json};

/// Has the dead step of a request tried again, with all its tries; answers with the request as it is
/// then.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `RESOURCE_NOT_FOUND`, `INVALID_TRANSITION`, or the database's.
#[server(prefix = "/api/fn", endpoint = "retry_step", input = Json, output = Json)]
pub async fn retry_step(id: String) -> Result<Record, Failure> {
    decide(id, engine::pipeline::DeadStepAction::Retry).await
}

/// Goes on without the dead step of a request, where its blueprint allows that.
///
/// # Errors
/// As [`retry_step`].
#[server(prefix = "/api/fn", endpoint = "skip_step", input = Json, output = Json)]
pub async fn skip_step(id: String) -> Result<Record, Failure> {
    decide(id, engine::pipeline::DeadStepAction::Skip).await
}

/// Undoes what a request made, outside first, and takes the reason to the record. Cut off, it can be
/// called again.
///
/// # Errors
/// As [`retry_step`]; `VALIDATION_ERROR` without a reason; `CONNECTOR_FAILED` and
/// `CONNECTOR_TIMEOUT` where an effect outside may still be there, which leaves the tenant.
#[server(prefix = "/api/fn", endpoint = "rollback", input = Json, output = Json)]
pub async fn rollback(id: String, reason: String) -> Result<Record, Failure> {
    use crate::server_context::{console, fail, provisioner, refuse};
    let by = provisioner()?;
    let engine = console()?.engine;
    let request = super::history::parse_id(&id)?;
    let reason = domain::field::line("reason", "the reason", &reason, 500)
        .map_err(|problem| refuse(domain::Problem::of_fields(vec![problem])))?;
    engine::pipeline::rollback_detached(&engine, by, request, reason).await.map_err(fail)?;
    super::open_request(id).await
}

#[cfg(feature = "ssr")]
async fn decide(id: String, action: engine::pipeline::DeadStepAction) -> Result<Record, Failure> {
    use crate::server_context::{console, fail, provisioner};
    let by = provisioner()?;
    let engine = console()?.engine;
    let request = super::history::parse_id(&id)?;
    engine::pipeline::apply_dead_step_action(&engine, &by, request, action).await.map_err(fail)?;
    super::open_request(id).await
}
