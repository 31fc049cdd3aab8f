//! Shutdown signals.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Starts listening for SIGTERM and SIGINT. The first signal sets the returned flag, and the process shuts
/// down. A second signal ends the process immediately, as SIGKILL does, with the exit status of a process
/// that the signal has killed.
///
/// # Errors
/// When the signal handlers cannot be installed.
pub(crate) fn shutdown_requested() -> io::Result<watch::Receiver<bool>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (request, requested) = watch::channel(false);
    tokio::spawn(async move {
        loop {
            let kind = tokio::select! {
                _ = terminate.recv() => SignalKind::terminate(),
                _ = interrupt.recv() => SignalKind::interrupt(),
            };
            if request.send_replace(true) {
                std::process::exit(128 + kind.as_raw_value());
            }
        }
    });
    Ok(requested)
}

/// Waits until the flag is true. Also returns if its sender no longer exists.
pub(crate) async fn wait_until_true(mut flag: watch::Receiver<bool>) {
    let _ = flag.wait_for(|is_set| *is_set).await;
}
