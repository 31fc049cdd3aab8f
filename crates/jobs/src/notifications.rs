//! Notifications that are sent in the background, several at a time.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use database::{Database, Loggable};
use tokio::{sync::Notify, time::sleep};
use uuid::Uuid;

/// The pause after each statement. Notifications that are requested during the statement and the pause are
/// sent together, so that many jobs that are added at the same time, or many steps that start, share one
/// statement.
const PAUSE: Duration = Duration::from_millis(5);

/// Sends the notifications of this process. A lost notification delays its receivers until they poll.
///
/// The transactions that add jobs and start steps do not notify, because a commit that notifies holds a
/// server-wide lock until it is on disk, so two such commits cannot share a write. The statement of this task
/// writes nothing, so its commit does not wait for the disk.
#[derive(Debug)]
pub(crate) struct Notifications {
    database: Arc<Database>,
    requested: Mutex<Requested>,
    /// Wakes the task that sends the notifications.
    wake: Notify,
    /// Set when the task was started.
    task_started: OnceLock<()>,
}

#[derive(Debug, Default)]
struct Requested {
    /// Whether idle workers are to look for jobs.
    jobs_added: bool,
    /// The provisioning requests that changed.
    changed: BTreeSet<Uuid>,
}

impl Notifications {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database, requested: Mutex::default(), wake: Notify::new(), task_started: OnceLock::new() }
    }

    /// Wakes the idle workers of all processes.
    pub(crate) fn wake_workers(self: &Arc<Self>) {
        self.request(|requested| requested.jobs_added = true);
    }

    /// Tells the processes that follow a provisioning request that it changed.
    pub(crate) fn announce_change(self: &Arc<Self>, request_id: Uuid) {
        self.request(|requested| {
            requested.changed.insert(request_id);
        });
    }

    fn request(self: &Arc<Self>, add: impl FnOnce(&mut Requested)) {
        add(&mut self.requested.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_one();
        self.task_started.get_or_init(|| {
            tokio::spawn(Arc::clone(self).send());
        });
    }

    /// Sends the requested notifications until the runtime ends.
    async fn send(self: Arc<Self>) {
        loop {
            self.wake.notified().await;
            let Requested { jobs_added, changed } =
                mem::take(&mut *self.requested.lock().unwrap_or_else(PoisonError::into_inner));
            let changed: Vec<Uuid> = changed.into_iter().collect();
            let sent = sqlx::query!(
                "SELECT pg_notify('tenantry_jobs', '') WHERE $1
                 UNION ALL
                 SELECT notify_change(request_id) FROM unnest($2::uuid[]) AS changed (request_id)",
                jobs_added,
                &changed
            )
            .execute(&self.database.pool())
            .await;
            if let Err(error) = sent {
                tracing::debug!(error = ?Loggable(&error), "could not send notifications");
            }
            sleep(PAUSE).await;
        }
    }

    /// Whether a notification was ever requested.
    #[cfg(test)]
    pub(crate) fn has_been_requested(&self) -> bool {
        self.task_started.get().is_some()
    }
}
