use super::{ProvisionOutcome, ProvisionRequest, provision};
use crate::{Engine, Error, access::Principal};

/// Runs [`provision`] in its own task, so that it continues when the caller is dropped because its client disconnected. A
/// retry with the same key returns the outcome.
///
/// # Errors
/// As [`provision`].
pub async fn provision_detached(
    engine: &Engine,
    principal: Principal,
    request: ProvisionRequest,
    origin: &str,
) -> Result<ProvisionOutcome, Error> {
    let (engine, origin) = (engine.clone(), origin.to_owned());
    let work = async move { provision(&engine, &principal, request, &origin).await };
    match tokio::spawn(work).await {
        Ok(outcome) => outcome,
        Err(panic) => Err(Error::UnexpectedResponse(panic.to_string())),
    }
}
