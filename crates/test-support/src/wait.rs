//! Helpers that wait for a condition, so that tests do not sleep for a fixed time.

use std::{
    future::Future,
    thread,
    time::{Duration, Instant},
};

/// How long a test waits for a condition before it fails. A test that passes never waits this long, so the
/// value has a margin for a machine that is busy with other work.
pub const DEADLINE: Duration = Duration::from_secs(120);
/// How often a condition is checked.
const INTERVAL: Duration = Duration::from_millis(10);

/// The time limit of a loop that polls for a condition.
#[derive(Debug)]
pub struct Poll<'a> {
    description: &'a str,
    deadline: Instant,
}

impl<'a> Poll<'a> {
    /// Starts the time limit. `description` names the condition.
    #[must_use]
    pub fn new(description: &'a str) -> Self {
        Self { description, deadline: Instant::now() + DEADLINE }
    }

    /// Pauses before the condition is checked again.
    ///
    /// # Panics
    /// If [`DEADLINE`] has passed since the start. The message contains `description`.
    pub async fn pause(&self) {
        assert!(
            Instant::now() < self.deadline,
            "timed out after {DEADLINE:?} waiting for: {}",
            self.description
        );
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Waits until `condition` is true.
///
/// # Panics
/// If [`DEADLINE`] has passed. The message contains `description`.
pub async fn wait_for(description: &str, mut condition: impl FnMut() -> bool) {
    let poll = Poll::new(description);
    while !condition() {
        poll.pause().await;
    }
}

/// Waits until `find` returns a value, and returns it. In a spawned task, use [`Poll`].
///
/// # Panics
/// If [`DEADLINE`] has passed. The message contains `description`.
pub async fn wait_for_value<T>(description: &str, mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let poll = Poll::new(description);
    loop {
        if let Some(value) = find().await {
            return value;
        }
        poll.pause().await;
    }
}

/// Blocks the thread until `condition` is true. For tests that have no runtime, or a runtime with several
/// threads.
///
/// # Panics
/// If [`DEADLINE`] has passed. The message contains `description`.
pub fn block_until(description: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "timed out after {DEADLINE:?} waiting for: {description}");
        thread::sleep(INTERVAL);
    }
}

/// Waits until `future` completes, and returns its output.
///
/// # Panics
/// If the future has not completed after [`DEADLINE`]. The message contains `description`.
pub async fn wait_for_future<T>(description: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(_) => panic!("timed out after {DEADLINE:?} waiting for: {description}"),
    }
}

/// Measures `action` up to five times, until one measurement is below `limit`. One slow measurement
/// only shows that the machine was busy; five show that the action is slow.
///
/// # Panics
/// If no measurement is below `limit`.
pub async fn assert_faster_than(description: &str, limit: Duration, mut action: impl AsyncFnMut()) {
    let mut measured = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        action().await;
        measured.push(start.elapsed());
        if measured.last().is_some_and(|elapsed| *elapsed < limit) {
            return;
        }
    }
    panic!("{description} never took less than {limit:?}: {measured:?}");
}
