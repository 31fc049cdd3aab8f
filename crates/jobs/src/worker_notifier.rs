//! Wakes workers after a job was added.

use std::sync::{Arc, OnceLock};

use database::Database;
use tokio::sync::Notify;

/// Notifies the idle workers of all processes. A process has one notifier.
#[derive(Debug)]
pub(crate) struct WorkerNotifier {
    database: Arc<Database>,
    /// Wakes a worker of this process.
    local: Notify,
    /// Wakes the task that notifies the workers of all processes.
    requested: Notify,
    task: OnceLock<()>,
}

impl WorkerNotifier {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database, local: Notify::new(), requested: Notify::new(), task: OnceLock::new() }
    }

    /// Wakes a worker of this process, and sends a notification in the background. While one notification is sent,
    /// all further calls share the next one.
    pub(crate) fn notify(self: &Arc<Self>) {
        self.local.notify_one();
        self.requested.notify_one();
        self.task.get_or_init(|| {
            tokio::spawn(Arc::clone(self).send_notifications());
        });
    }

    /// Waits for a call of [`notify`](Self::notify). Each call wakes one worker.
    pub(crate) async fn notified(&self) {
        self.local.notified().await;
    }

    /// Sends the requested notifications until the runtime ends.
    async fn send_notifications(self: Arc<Self>) {
        loop {
            self.requested.notified().await;
            let pool = self.database.pool();
            let sent = sqlx::query!("SELECT pg_notify('tenantry_jobs', '')").execute(&pool).await;
            if let Err(error) = sent {
                tracing::debug!(?error, "could not notify the workers");
            }
        }
    }
}
