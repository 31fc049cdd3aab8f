//! The network address of the client whose call is running, for the audit log.
//!
//! The address is a task-local value instead of a parameter, because almost every function that changes
//! something would only pass it on. Work that continues in another task keeps the address.

use std::{future::Future, sync::Arc};

tokio::task_local! {
    static CLIENT_ADDRESS: Option<Arc<str>>;
}

/// Runs the call of a client. The audit entries that the call adds have the address. An empty address is
/// unknown.
pub async fn with_client_address<T>(address: &str, call: impl Future<Output = T>) -> T {
    let address = (!address.is_empty()).then(|| address.into());
    CLIENT_ADDRESS.scope(address, call).await
}

/// The address of the client whose call is running. `None` if it is unknown, and for work without a client,
/// such as the maintenance.
pub(crate) fn client_address() -> Option<Arc<str>> {
    CLIENT_ADDRESS.try_with(Clone::clone).ok().flatten()
}

/// Gives `work`, which will run in another task, the address of the running call.
pub(crate) fn keep_client_address<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    CLIENT_ADDRESS.scope(client_address(), work)
}
