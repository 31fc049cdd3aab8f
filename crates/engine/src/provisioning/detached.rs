use super::{ProvisionOutcome, ProvisionRequest, provision};
use crate::{Engine, Error, access::Employee, detached::run_detached};

/// Runs [`provision`] in its own task, so that a client that disconnects does not interrupt the call. A retry
/// with the same key returns the outcome.
///
/// # Errors
/// The errors of [`provision`].
pub async fn provision_detached(
    engine: &Engine,
    employee: Employee,
    request: ProvisionRequest,
    origin: &str,
) -> Result<ProvisionOutcome, Error> {
    let (engine, origin) = (engine.clone(), origin.to_owned());
    run_detached(async move { provision(&engine, &employee, request, &origin).await }).await
}
