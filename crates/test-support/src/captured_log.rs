//! The log of a test's thread.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing::{
    Level,
    subscriber::{DefaultGuard, set_default},
};

use crate::wait::wait_for;

/// Collects the events that the current thread logs at `INFO` and above, as JSON lines. In a test with a
/// single-threaded runtime, this is the log of all tasks.
#[derive(Clone, Default)]
pub struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Starts the collection, which ends when the guard is dropped.
    #[must_use]
    pub fn start() -> (Self, DefaultGuard) {
        Self::start_at(Level::INFO)
    }

    /// Starts a collection that also contains the statements for the database, which sqlx logs at `DEBUG`.
    #[must_use]
    pub fn start_with_statements() -> (Self, DefaultGuard) {
        Self::start_at(Level::DEBUG)
    }

    fn start_at(level: Level) -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().with_max_level(level);
        let guard = set_default(subscriber.with_writer(move || writer.clone()).finish());
        (log, guard)
    }

    /// Takes the statements so far out of the log, each with the number of rows that it returned. The rest of
    /// the log is lost.
    pub fn take_statements(&self) -> Vec<(String, u64)> {
        let lines = self.lines();
        self.0.lock().unwrap().clear();
        let statements = lines.into_iter().filter(|line| line["target"] == "sqlx::query");
        let statement = |line: Value| {
            let fields = &line["fields"];
            // A short statement is its own summary.
            let text = ["db.statement", "summary"].map(|name| fields[name].as_str().unwrap().trim());
            let text = text.into_iter().find(|text| !text.is_empty()).unwrap();
            (text.to_owned(), fields["rows_returned"].as_u64().unwrap())
        };
        statements.map(statement).collect()
    }

    /// The lines so far.
    pub fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until at least `count` lines satisfy `select`, and returns them.
    ///
    /// # Panics
    /// If [`DEADLINE`](crate::wait::DEADLINE) has passed.
    pub async fn wait_for_lines(&self, count: usize, select: impl Fn(&Value) -> bool) -> Vec<Value> {
        let selected = || -> Vec<Value> { self.lines().into_iter().filter(|line| select(line)).collect() };
        wait_for(&format!("{count} selected log lines"), || selected().len() >= count).await;
        selected()
    }
}

impl io::Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
