use std::sync::Arc;

use engine::Error;
use tokio::{sync::Mutex, time::Instant};

/// The result of a query.
#[derive(Debug, Clone)]
pub(crate) struct Reading<T> {
    /// When the query began. The result contains every change that was committed before this time.
    pub began: Instant,
    pub ended: Instant,
    pub result: Result<T, Arc<Error>>,
}

impl<T> Reading<T> {
    /// Runs a query.
    pub(crate) async fn take(query: impl Future<Output = Result<T, Error>>) -> Self {
        let began = Instant::now();
        let result = query.await.map_err(Arc::new);
        Self { began, ended: Instant::now(), result }
    }
}

/// The latest reading of a query that several streams need.
#[derive(Debug)]
pub(crate) struct SharedReading<T>(Mutex<Option<Reading<T>>>);

impl<T> Default for SharedReading<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> SharedReading<T> {
    /// Returns a reading that began after `after`. Runs the query only if there is none. Callers that wait
    /// while another caller runs the query share its result.
    pub(crate) async fn read(
        &self,
        after: Instant,
        query: impl Future<Output = Result<T, Error>>,
    ) -> Reading<T> {
        let mut latest = self.0.lock().await;
        if let Some(reading) = latest.as_ref().filter(|reading| reading.began > after) {
            return reading.clone();
        }
        latest.insert(Reading::take(query).await).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    use super::*;

    #[tokio::test]
    async fn callers_at_the_same_time_share_one_query() {
        let (shared, queries) = (SharedReading::default(), AtomicU32::new(0));
        let query = async || {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Ok(queries.fetch_add(1, Ordering::Relaxed) + 1)
        };
        let start = Instant::now();
        let (first, second) = tokio::join!(shared.read(start, query()), shared.read(start, query()));
        assert_eq!((first.result.unwrap(), second.result.unwrap()), (1, 1));
        assert_eq!(shared.read(start, query()).await.result.unwrap(), 1);

        // A reading that began earlier is not used, because it may lack a change.
        assert_eq!(shared.read(first.began, query()).await.result.unwrap(), 2);
    }
}
