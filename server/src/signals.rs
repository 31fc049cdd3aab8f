//! How a process is told to stop.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Listens from now on; what it returns is done at the first SIGTERM or SIGINT.
///
/// # Errors
/// When signals cannot be listened for.
pub fn shutdown_requested() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
