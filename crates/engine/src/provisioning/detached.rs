use super::{Answer, ProvisionRequest, provision};
use crate::{Engine, Error, access::Principal};

/// [`provision`] in a task of its own, for callers that may be given up half way: a client that
/// goes away does not stop it. Asking again with the same key finds what it did.
///
/// # Errors
/// As [`provision`].
pub async fn provision_detached(
    engine: &Engine,
    principal: Principal,
    order: ProvisionRequest,
    origin: &str,
) -> Result<Answer, Error> {
    let (engine, origin) = (engine.clone(), origin.to_owned());
    let work = async move { provision(&engine, &principal, order, &origin).await };
    match tokio::spawn(work).await {
        Ok(answer) => answer,
        Err(panic) => Err(Error::Answer(panic.to_string())),
    }
}
