use super::{ProvisionOutcome, ProvisionRequest, provision};
use crate::{Engine, Error, access::Caller, detached::run_detached};

/// Runs [`provision`] in its own task, so that a client that disconnects does not interrupt the call. A retry
/// with the same key returns the outcome.
///
/// # Errors
/// The errors of [`provision`].
pub async fn provision_detached(
    engine: &Engine,
    caller: impl Into<Caller>,
    request: ProvisionRequest,
    origin: &str,
) -> Result<ProvisionOutcome, Error> {
    let (engine, caller, origin) = (engine.clone(), caller.into(), origin.to_owned());
    run_detached(async move { provision(&engine, caller, request, &origin).await }).await
}
