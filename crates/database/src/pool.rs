//! The connection pool of one server.
//!
//! The pool hands out the connection that was returned last. Under a low load, a few connections serve all
//! statements, and the caches of their backends stay warm; the others are closed after ten minutes.
//!
//! Every statement on the pool and in its transactions has a client-side timeout. Server-side timeouts have
//! no effect if the server does not respond.
//!
//! A connection returns to the pool only after the server completed or refused its statement. The pool closes
//! a connection after a timeout, an I/O error or a fatal error of the server, or when the caller is
//! cancelled.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{self, Manager, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult},
};
use futures_util::{FutureExt, StreamExt, TryFutureExt, future::BoxFuture, stream, stream::BoxStream};
use sqlx::{
    Describe, Either, Error, Execute, Executor, Postgres, SqlStr,
    postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio::{sync::watch, time::timeout};

use crate::{
    Loggable,
    connection::{Address, Items, STATEMENT_TIMEOUT, ServerConnection, is_connection_usable_after, within},
};

/// How long a caller waits for a connection, including the time to connect.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was last taken from the pool longer ago than this is tested before reuse.
const TEST_AFTER: Duration = Duration::from_secs(1);
const TEST_TIMEOUT: Duration = Duration::from_secs(1);
/// How long it may take to close an idle connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// An idle connection is closed when its last use was longer ago than this.
const MAX_IDLE: Duration = Duration::from_secs(600);
/// A connection of this age is replaced, so that memory in its backend is freed.
const MAX_AGE: Duration = Duration::from_secs(1800);

/// Connections to one server. Cheap to clone. Connects on first use.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: managed::Pool<ConnectionManager>,
    closed: Arc<watch::Sender<bool>>,
}

impl Pool {
    /// Creates a pool of at most `size` connections.
    pub(crate) fn new(address: Address, size: u32) -> Self {
        let connections = managed::Pool::builder(ConnectionManager(address))
            .max_size(size as usize)
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .recycle_timeout(Some(TEST_TIMEOUT));
        #[expect(clippy::expect_used, reason = "fails only without a runtime")]
        let connections = connections.build().expect("the runtime is set");
        Self { connections, closed: Arc::new(watch::Sender::new(false)) }
    }

    /// Takes a connection from the pool. If all connections are in use, waits until a caller returns one.
    ///
    /// # Errors
    /// `PoolTimedOut` after 5 s; `PoolClosed`; the error of the connection.
    async fn acquire(&self) -> Result<PooledConnection, Error> {
        let connection = timeout(ACQUIRE_TIMEOUT, self.connections.get());
        let mut closed = self.closed.subscribe();
        let connection = tokio::select! {
            connection = connection => connection.map_err(|_| Error::PoolTimedOut)?,
            _ = closed.wait_for(|closed| *closed) => return Err(Error::PoolClosed),
        };
        connection.map(|connection| PooledConnection(Some(connection))).map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => Error::PoolClosed,
            _ => Error::PoolTimedOut,
        })
    }

    /// Begins a transaction. A transaction that is dropped without a commit is rolled back.
    ///
    /// # Errors
    /// `PoolTimedOut`; `PoolClosed`; the error of the connection.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        let mut pooled = self.acquire().await?;
        pooled.connection().begin().await?;
        Ok(Transaction(pooled))
    }

    /// Runs a statement outside a transaction. Returns its rows after the server has completed and committed
    /// it.
    async fn run<'q>(self, query: impl Execute<'q, Postgres> + 'q) -> Result<Items, Error> {
        let mut pooled = self.acquire().await?;
        let items = pooled.connection().run(query).await;
        pooled.release_after(items)
    }

    /// Closes connections that were idle for more than ten minutes.
    pub async fn close_idle(&self) {
        let idle = self.connections.retain(|_, metrics| metrics.last_used() < MAX_IDLE);
        close_all(idle.removed).await;
    }

    /// Refuses new statements, waits up to 15 s for the running ones, and closes every connection.
    pub async fn close(&self) {
        self.closed.send_replace(true);
        let idle = self.connections.retain(|_, _| false);
        self.connections.close();
        close_all(idle.removed).await;
        let deadline = Instant::now() + STATEMENT_TIMEOUT;
        while self.connections.status().size > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn close_all(connections: Vec<ServerConnection>) {
    for connection in connections {
        if let Err(error) = within(CLOSE_TIMEOUT, connection.close()).await {
            tracing::debug!(error = ?Loggable(&error), "could not close an idle connection");
        }
    }
}

/// A connection that belongs to a caller. Dropping the value closes the connection.
#[derive(Debug)]
struct PooledConnection(Option<Object<ConnectionManager>>);

impl PooledConnection {
    #[expect(
        clippy::expect_used,
        reason = "only `release` and `drop` take the connection, and consume the value"
    )]
    fn connection(&mut self) -> &mut ServerConnection {
        self.0.as_mut().expect("only a consumed value has no connection")
    }

    /// Returns the connection to the pool.
    fn release(mut self) {
        drop(self.0.take());
    }

    /// Returns the connection to the pool unless the error of its statement makes it unusable.
    fn release_after<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        if result.as_ref().err().is_none_or(is_connection_usable_after) {
            self.release();
        }
        result
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

/// A transaction. Dropping it without a commit closes the connection, which rolls the transaction back.
#[derive(Debug)]
pub struct Transaction(PooledConnection);

impl Transaction {
    /// Commits the transaction.
    ///
    /// # Errors
    /// The error of the commit. Without a response of the server, the outcome is unknown.
    pub async fn commit(mut self) -> Result<(), Error> {
        self.0.connection().commit().await?;
        self.0.release();
        Ok(())
    }

    /// Rolls the transaction back, and returns the connection to the pool.
    ///
    /// # Errors
    /// The error of the rollback.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.0.connection().rollback().await?;
        self.0.release();
        Ok(())
    }
}

/// Runs each statement in the transaction.
impl<'t> Executor<'t> for &'t mut Transaction {
    type Database = Postgres;

    /// The stream yields its first item after the statement has completed.
    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        't: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let items = self.0.connection().run_in_transaction(query);
        items.map_ok(|items| stream::iter(items.into_iter().map(Ok))).try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        't: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let items = self.0.connection().run_in_transaction(query);
        items.map_ok(first_row).boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        't: 'e,
    {
        within(STATEMENT_TIMEOUT, self.0.connection().inner().prepare_with(sql, parameters)).boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        't: 'e,
    {
        within(STATEMENT_TIMEOUT, self.0.connection().inner().describe(sql)).boxed()
    }
}

/// Opens and tests the connections of a pool.
#[derive(Debug)]
struct ConnectionManager(Address);

impl Manager for ConnectionManager {
    type Type = ServerConnection;
    type Error = Error;

    /// Connects. Retries transient errors without a limit; every caller applies a timeout.
    async fn create(&self) -> Result<ServerConnection, Error> {
        // Boxed, because the compiler limits the depth of nested futures.
        self.0.connect().boxed().await
    }

    async fn recycle(&self, connection: &mut ServerConnection, metrics: &Metrics) -> RecycleResult<Error> {
        if metrics.age() > MAX_AGE {
            return Err(RecycleError::message("the connection is old"));
        }
        let is_usable = match metrics.last_used() > TEST_AFTER {
            true if self.0.must_accept_writes => connection.accepts_writes().await?,
            true => connection.ping().await.map(|()| true)?,
            false => true,
        };
        match is_usable {
            true => Ok(()),
            false => Err(RecycleError::message("the server is a standby")),
        }
    }
}

fn first_row(items: Items) -> Option<PgRow> {
    items.into_iter().find_map(Either::right)
}

/// Runs each statement on a connection of the pool.
impl<'p> Executor<'p> for &'_ Pool {
    type Database = Postgres;

    /// The stream yields its first item after the statement has completed.
    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let items = self.clone().run(query);
        items.map_ok(|items| stream::iter(items.into_iter().map(Ok))).try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let items = self.clone().run(query);
        items.map_ok(first_row).boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        let pool = self.clone();
        let statement = async move {
            let mut pooled = pool.acquire().await?;
            let statement =
                within(STATEMENT_TIMEOUT, pooled.connection().inner().prepare_with(sql, parameters)).await;
            pooled.release_after(statement)
        };
        statement.boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        let pool = self.clone();
        let description = async move {
            let mut pooled = pool.acquire().await?;
            let description = within(STATEMENT_TIMEOUT, pooled.connection().inner().describe(sql)).await;
            pooled.release_after(description)
        };
        description.boxed()
    }
}
