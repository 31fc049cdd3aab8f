//! A worker that runs during a test.

use std::{sync::Arc, time::Duration};

use jobs::{Queue, Steps, Worker};
use tokio::{sync::watch, task::JoinHandle};

/// A worker in a task.
pub struct RunningWorker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningWorker {
    /// Starts a worker.
    #[must_use]
    pub fn start(queue: Queue, steps: Arc<Steps>, lease: Duration) -> Self {
        let (stop, stopped) = watch::channel(false);
        let worker = Worker::new(queue, steps).with_lease(lease);
        Self { stop, task: tokio::spawn(worker.run(stopped)) }
    }

    /// Shuts the worker down and waits until its task ends.
    ///
    /// # Panics
    /// If the worker panicked.
    pub async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }

    /// Ends the worker without a shutdown, as SIGKILL does.
    pub fn kill(self) {
        self.task.abort();
    }
}
