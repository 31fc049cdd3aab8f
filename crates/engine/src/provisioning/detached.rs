use super::{ProvisionOutcome, ProvisionRequest, provision};
use crate::{Engine, Error, access::Employee};

/// Runs [`provision`] in its own task, so that it continues when the caller is dropped because its client disconnected. A
/// retry with the same key returns the outcome.
///
/// # Errors
/// As [`provision`].
pub async fn provision_detached(
    engine: &Engine,
    employee: Employee,
    request: ProvisionRequest,
    origin: &str,
) -> Result<ProvisionOutcome, Error> {
    let (engine, origin) = (engine.clone(), origin.to_owned());
    let work = async move { provision(&engine, &employee, request, &origin).await };
    match tokio::spawn(work).await {
        Ok(outcome) => outcome,
        Err(panic) => Err(Error::UnexpectedResponse(panic.to_string())),
    }
}
