//! Wakes workers after a job was added.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::notifications::Notifications;

/// Wakes an idle worker of a queue in this process or, if there is none, the idle workers of all processes. A
/// process has one notifier.
#[derive(Debug)]
pub(crate) struct WorkerNotifier {
    notifications: Arc<Notifications>,
    /// The idle workers of this process, with the names of their queues.
    idle: Mutex<Vec<(&'static str, oneshot::Sender<()>)>>,
}

impl WorkerNotifier {
    pub(crate) fn new(notifications: Arc<Notifications>) -> Self {
        Self { notifications, idle: Mutex::default() }
    }

    /// Wakes one idle worker of a queue in this process. If there is none, notifies all processes in the
    /// background.
    pub(crate) fn notify(&self, queue: &str) {
        if !self.wake_idle_worker(queue) {
            self.notifications.wake_workers();
        }
    }

    /// Waits until [`notify`](Self::notify) wakes this worker.
    pub(crate) async fn notified(&self, queue: &'static str) {
        let (wake, woken) = oneshot::channel();
        {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // Remove workers that no longer wait.
            idle.retain(|(_, worker)| !worker.is_closed());
            idle.push((queue, wake));
        }
        // This cannot fail: the sender stays in `idle` until it wakes the worker.
        let _ = woken.await;
    }

    /// Returns false if no worker of the queue is idle in this process.
    fn wake_idle_worker(&self, queue: &str) -> bool {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(place) = idle.iter().rposition(|(name, _)| *name == queue) {
            let (_, worker) = idle.remove(place);
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
        let (mut one, mut other) = (Box::pin(notifier.notified("mail")), Box::pin(notifier.notified("mail")));
        assert!(one.as_mut().now_or_never().is_none() && other.as_mut().now_or_never().is_none());
        notifier.notify("mail");
        let woken = [one.now_or_never().is_some(), other.now_or_never().is_some()];
        assert_eq!(woken.iter().filter(|woken| **woken).count(), 1);
        assert!(!notifier.notifications.has_been_requested());
    }

    #[tokio::test]
    async fn a_job_wakes_no_worker_of_another_queue() {
        let notifier = notifier();
        let mut other = Box::pin(notifier.notified("pipeline"));
        assert!(other.as_mut().now_or_never().is_none());
        notifier.notify("mail");
        assert!(other.now_or_never().is_none());
        assert!(notifier.notifications.has_been_requested());
    }

    #[tokio::test]
    async fn without_an_idle_worker_all_processes_are_notified() {
        let notifier = notifier();
        // A worker that no longer waits.
        assert!(notifier.notified("mail").now_or_never().is_none());
        notifier.notify("mail");
        assert!(notifier.notifications.has_been_requested());
    }
}
