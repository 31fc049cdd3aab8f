use std::{collections::BTreeSet, sync::Arc, time::Duration};

use domain::access::MAX_EVENT_STREAMS;
use sqlx::PgConnection;
use tokio::{runtime::Handle, sync::Mutex, time::timeout};
use uuid::Uuid;

use crate::{Engine, Error, detached::run_detached};

/// How long a statement of the session may take. A session that takes longer is replaced.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Limits the open event streams of each person, in all processes of the installation together. Cheap to
/// clone. A process creates one value.
///
/// An advisory lock reserves each stream. All streams of the process share the session that holds the locks,
/// and PostgreSQL releases them when the process ends.
#[derive(Debug, Clone, Default)]
pub struct EventStreamLimit(Arc<Mutex<LockSession>>);

/// The right to one open event stream, until this value is dropped.
#[derive(Debug)]
pub struct EventStreamPermit {
    key: i64,
    limit: EventStreamLimit,
}

#[derive(Debug, Default)]
struct LockSession {
    /// `None` until the first stream opens, and after an error.
    connection: Option<PgConnection>,
    /// The keys of the locks of the open streams.
    keys: BTreeSet<i64>,
}

impl EventStreamLimit {
    /// Admits a stream of an employee. A token uses the streams of the person who created it. Returns `None`
    /// if the person already has [`MAX_EVENT_STREAMS`] streams.
    ///
    /// # Errors
    /// The database's error.
    pub async fn admit(
        &self,
        engine: &Engine,
        employee_id: Uuid,
    ) -> Result<Option<EventStreamPermit>, Error> {
        let (limit, engine) = (self.clone(), engine.clone());
        // In its own task, because a call that is dropped could leave a lock that no stream uses.
        run_detached(async move {
            let key = limit.0.lock().await.reserve(&engine, employee_id).await?;
            Ok(key.map(|key| EventStreamPermit { key, limit }))
        })
        .await
    }
}

impl Drop for EventStreamPermit {
    fn drop(&mut self) {
        // Without a runtime, the process is ending, and PostgreSQL releases the lock.
        let Ok(runtime) = Handle::try_current() else { return };
        let (key, limit) = (self.key, self.limit.clone());
        runtime.spawn(async move { limit.0.lock().await.release(key).await });
    }
}

impl LockSession {
    /// Reserves a stream. Repeats the reservation once if the connection was lost since its last use.
    async fn reserve(&mut self, engine: &Engine, employee_id: Uuid) -> Result<Option<i64>, Error> {
        let was_connected = self.connection.is_some();
        match self.try_reserve(engine, employee_id).await {
            Err(error) if was_connected && error.is_lost_connection() => {
                self.try_reserve(engine, employee_id).await
            }
            result => result,
        }
    }

    async fn try_reserve(&mut self, engine: &Engine, employee_id: Uuid) -> Result<Option<i64>, Error> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect(engine).await?,
        };
        let held: Vec<i64> = self.keys.iter().copied().collect();
        let reservation = sqlx::query_scalar!(
            "SELECT reserve_event_stream($1, $2, $3)",
            employee_id,
            i32::from(MAX_EVENT_STREAMS),
            &held
        )
        .fetch_one(&mut connection);
        let key = timeout(TIMEOUT, reservation).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        self.connection = Some(connection);
        self.keys.extend(key);
        Ok(key)
    }

    /// Opens a session that holds the locks of the open streams.
    async fn connect(&self, engine: &Engine) -> Result<PgConnection, Error> {
        let mut connection = engine.connect().await?;
        let keys: Vec<i64> = self.keys.iter().copied().collect();
        let locks =
            sqlx::query!("SELECT pg_try_advisory_lock(key) FROM unnest($1::bigint[]) AS held (key)", &keys)
                .fetch_all(&mut connection);
        timeout(TIMEOUT, locks).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        Ok(connection)
    }

    async fn release(&mut self, key: i64) {
        self.keys.remove(&key);
        let Some(mut connection) = self.connection.take() else { return };
        let unlock = sqlx::query!("SELECT pg_advisory_unlock($1)", key).fetch_one(&mut connection);
        // An error ends the session, which also releases the lock.
        if let Ok(Ok(_)) = timeout(TIMEOUT, unlock).await {
            self.connection = Some(connection);
        }
    }
}
