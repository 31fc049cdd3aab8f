//! Wakes workers after a job was added.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use database::{Database, Loggable};
use tokio::{
    sync::{Notify, oneshot},
    time::sleep,
};

/// The pause after a notification of all processes. A job may be picked up later by this time when many jobs are
/// added; in return, each of them does not cost a statement of its own.
const PAUSE: Duration = Duration::from_millis(5);

/// Wakes an idle worker of this process or, if there is none, the idle workers of all processes. A process
/// has one notifier.
#[derive(Debug)]
pub(crate) struct WorkerNotifier {
    database: Arc<Database>,
    /// The idle workers of this process.
    idle: Mutex<Vec<oneshot::Sender<()>>>,
    /// Wakes the task that notifies the workers of all processes.
    requested: Notify,
    /// Set when the task was started.
    task_started: OnceLock<()>,
}

impl WorkerNotifier {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database, idle: Mutex::default(), requested: Notify::new(), task_started: OnceLock::new() }
    }

    /// Wakes one idle worker of this process. If there is none, notifies all processes in the background.
    /// Calls made during a notification and the pause after it are combined into one further notification.
    pub(crate) fn notify(self: &Arc<Self>) {
        if self.wake_idle_worker() {
            return;
        }
        self.requested.notify_one();
        self.task_started.get_or_init(|| {
            tokio::spawn(Arc::clone(self).send_notifications());
        });
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

    /// Sends the requested notifications until the runtime ends.
    async fn send_notifications(self: Arc<Self>) {
        loop {
            self.requested.notified().await;
            let pool = self.database.pool();
            let sent = sqlx::query!("SELECT pg_notify('tenantry_jobs', '')").execute(&pool).await;
            if let Err(error) = sent {
                tracing::debug!(error = ?Loggable(&error), "could not notify the workers");
            }
            sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use sqlx::postgres::PgConnectOptions;

    use super::*;

    /// A notifier whose database cannot be reached.
    fn notifier() -> Arc<WorkerNotifier> {
        let database = Database::new(PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(9), 1);
        Arc::new(WorkerNotifier::new(Arc::new(database)))
    }

    fn has_requested_notification(notifier: &WorkerNotifier) -> bool {
        notifier.task_started.get().is_some()
    }

    #[tokio::test]
    async fn one_job_wakes_one_idle_worker_of_this_process() {
        let notifier = notifier();
        let (mut one, mut other) = (Box::pin(notifier.notified()), Box::pin(notifier.notified()));
        assert!(one.as_mut().now_or_never().is_none() && other.as_mut().now_or_never().is_none());
        notifier.notify();
        let woken = [one.now_or_never().is_some(), other.now_or_never().is_some()];
        assert_eq!(woken.iter().filter(|woken| **woken).count(), 1);
        assert!(!has_requested_notification(&notifier));
    }

    #[tokio::test]
    async fn without_an_idle_worker_all_processes_are_notified() {
        let notifier = notifier();
        // A worker that no longer waits.
        assert!(notifier.notified().now_or_never().is_none());
        notifier.notify();
        assert!(has_requested_notification(&notifier));
    }
}
