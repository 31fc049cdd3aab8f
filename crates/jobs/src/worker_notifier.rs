//! Wakes workers after a job was added.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::notifications::Notifications;

/// Wakes an idle worker of this process or, if there is none, the idle workers of all processes. A process
/// has one notifier.
#[derive(Debug)]
pub(crate) struct WorkerNotifier {
    notifications: Arc<Notifications>,
    /// The idle workers of this process.
    idle: Mutex<Vec<oneshot::Sender<()>>>,
}

impl WorkerNotifier {
    pub(crate) fn new(notifications: Arc<Notifications>) -> Self {
        Self { notifications, idle: Mutex::default() }
    }

    /// Wakes one idle worker of this process. If there is none, notifies all processes in the background.
    pub(crate) fn notify(&self) {
        if !self.wake_idle_worker() {
            self.notifications.wake_workers();
        }
    }

    /// Waits until [`notify`](Self::notify) wakes this worker.
    pub(crate) async fn notified(&self) {
        let (wake, woken) = oneshot::channel();
        {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // Remove workers that no longer wait.
            idle.retain(|worker| !worker.is_closed());
            idle.push(wake);
        }
        // This cannot fail: the sender stays in `idle` until it wakes the worker.
        let _ = woken.await;
    }

    /// Returns false if no worker of this process is idle.
    fn wake_idle_worker(&self) -> bool {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(worker) = idle.pop() {
            if worker.send(()).is_ok() {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use database::Database;
    use futures_util::FutureExt;
    use sqlx::postgres::PgConnectOptions;

    use super::*;

    /// A notifier whose database cannot be reached.
    fn notifier() -> WorkerNotifier {
        let database = Database::new(PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(9), 1);
        WorkerNotifier::new(Arc::new(Notifications::new(Arc::new(database))))
    }

    #[tokio::test]
    async fn one_job_wakes_one_idle_worker_of_this_process() {
        let notifier = notifier();
        let (mut one, mut other) = (Box::pin(notifier.notified()), Box::pin(notifier.notified()));
        assert!(one.as_mut().now_or_never().is_none() && other.as_mut().now_or_never().is_none());
        notifier.notify();
        let woken = [one.now_or_never().is_some(), other.now_or_never().is_some()];
        assert_eq!(woken.iter().filter(|woken| **woken).count(), 1);
        assert!(!notifier.notifications.has_been_requested());
    }

    #[tokio::test]
    async fn without_an_idle_worker_all_processes_are_notified() {
        let notifier = notifier();
        // A worker that no longer waits.
        assert!(notifier.notified().now_or_never().is_none());
        notifier.notify();
        assert!(notifier.notifications.has_been_requested());
    }
}
