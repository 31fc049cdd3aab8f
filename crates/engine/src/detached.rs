use std::future::Future;

use crate::{Error, access::keep_client_address};

/// Runs `work` in its own task. The task continues if the caller is dropped, for example because its client
/// disconnected.
///
/// # Errors
/// The errors of `work`, and [`Error::UnexpectedResponse`] if `work` panics.
pub(crate) async fn run_detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::spawn(keep_client_address(work)).await {
        Ok(result) => result,
        Err(panic) => Err(Error::UnexpectedResponse(panic.to_string())),
    }
}
