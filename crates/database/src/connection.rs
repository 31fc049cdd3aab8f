//! One connection to a server: how it is opened and tested, and how it runs statements.

use std::{future::Future, time::Duration};

use futures_util::TryStreamExt;
use sqlx::{
    Connection, Either, Error, Execute, Executor, PgConnection, Postgres, Row,
    postgres::{PgConnectOptions, PgDatabaseError, PgQueryResult, PgRow, PgSeverity},
};
use tokio::time::timeout;

use crate::{
    Loggable, UnusableServer,
    session::{SessionKind, has_own_settings, is_refusal_of_settings},
};

/// How long a statement may take. Longer than the `statement_timeout` of the session, so that the server
/// normally cancels a slow statement first.
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(15);
/// The delay before the first retry of a connection attempt. Each retry doubles the delay, up to
/// `MAX_RETRY_DELAY`.
const FIRST_RETRY_DELAY: Duration = Duration::from_millis(10);
const MAX_RETRY_DELAY: Duration = Duration::from_secs(1);
/// The first version of PostgreSQL that Tenantry supports, as in `server_version_num`.
const OLDEST_VERSION: u32 = 150_000;

/// How to connect to one server.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// The options without session settings.
    pub server: PgConnectOptions,
    pub session: SessionKind,
    /// The error if a connection of the kind [`SessionKind::Direct`] leads to a pooler.
    pub if_pooled: UnusableServer,
    /// Whether to refuse connections to the server while it is a standby.
    pub must_accept_writes: bool,
}

impl Address {
    /// The options of a connection, with the session settings of a direct one.
    pub(crate) fn options(&self) -> PgConnectOptions {
        self.session.options(self.server.clone())
    }

    /// The address, for the log.
    pub(crate) fn name(&self) -> String {
        match self.server.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => format!("{}:{}", self.server.get_host(), self.server.get_port()),
        }
    }

    /// Connects. Retries transient errors without a limit; every caller applies a timeout.
    pub(crate) async fn connect(&self) -> Result<ServerConnection, Error> {
        let mut delay = FIRST_RETRY_DELAY;
        loop {
            match self.try_connect().await {
                Err(error) if is_transient_connect_error(&error) => {
                    tracing::debug!(error = ?Loggable(&error), "could not connect");
                }
                result => return result,
            }
            tokio::time::sleep(delay).await;
            delay = (delay * 2).min(MAX_RETRY_DELAY);
        }
    }

    async fn try_connect(&self) -> Result<ServerConnection, Error> {
        let mut connection = self.open().await?;
        match self.must_accept_writes && !connection.accepts_writes().await? {
            true => Err(Error::Protocol("the server is a standby".into())),
            false => Ok(connection),
        }
    }

    /// Connects without a retry. Accepts a standby, and refuses an [`UnusableServer`].
    pub(crate) async fn open(&self) -> Result<ServerConnection, Error> {
        let connection = PgConnection::connect_with(&self.options()).await;
        let mut connection = connection.map_err(|error| self.explain(error))?;
        self.require_own_settings(&mut connection).await?;
        match connection.server_version_num() {
            Some(version) if version < OLDEST_VERSION => {
                Err(UnusableServer::Version(version / 10_000).into())
            }
            _ => Ok(ServerConnection { connection, session: self.session }),
        }
    }

    /// Fails if a direct connection leads to a pooler that dropped the session settings.
    pub(crate) async fn require_own_settings<'c>(
        &self,
        executor: impl Executor<'c, Database = Postgres>,
    ) -> Result<(), Error> {
        match self.session == SessionKind::Pooled || has_own_settings(executor).await? {
            true => Ok(()),
            false => Err(self.if_pooled.into()),
        }
    }

    /// Returns [`if_pooled`](Self::if_pooled) if a pooler refused the session settings. Otherwise, returns
    /// `error`.
    pub(crate) fn explain(&self, error: Error) -> Error {
        match self.session == SessionKind::Direct && is_refusal_of_settings(&error) {
            true => self.if_pooled.into(),
            false => error,
        }
    }
}

/// Whether another attempt to connect may succeed soon: nothing listens yet, the server is starting, all of
/// its connections are in use, or a standby may be promoted.
fn is_transient_connect_error(error: &Error) -> bool {
    match error {
        Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        Error::Database(error) => error.is_transient_in_connect_phase(),
        Error::Protocol(_) => true,
        _ => false,
    }
}

/// The rows and the results that a statement returns.
pub(crate) type Items = Vec<Either<PgQueryResult, PgRow>>;

/// A connection that applies the session settings to every statement.
#[derive(Debug)]
pub(crate) struct ServerConnection {
    connection: PgConnection,
    session: SessionKind,
}

impl ServerConnection {
    /// Begins a transaction.
    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        self.execute(self.session.begin()).await
    }

    /// Commits the transaction.
    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.execute("COMMIT").await
    }

    /// Rolls a transaction back.
    pub(crate) async fn rollback(&mut self) -> Result<(), Error> {
        self.execute("ROLLBACK").await
    }

    async fn execute(&mut self, sql: &'static str) -> Result<(), Error> {
        within(STATEMENT_TIMEOUT, self.connection.execute(sql)).await.map(drop)
    }

    /// Runs a statement outside a transaction. Returns after the server has completed and committed it.
    pub(crate) async fn run<'q>(&mut self, query: impl Execute<'q, Postgres> + 'q) -> Result<Items, Error> {
        if self.session == SessionKind::Direct {
            return self.run_in_transaction(query).await;
        }
        self.begin().await?;
        let items = self.run_in_transaction(query).await;
        match &items {
            Ok(_) => self.commit().await?,
            Err(error) if is_connection_usable_after(error) => self.rollback().await?,
            Err(_) => {}
        }
        items
    }

    /// Runs a statement in the transaction that [`begin`](Self::begin) began.
    pub(crate) async fn run_in_transaction<'q>(
        &mut self,
        query: impl Execute<'q, Postgres> + 'q,
    ) -> Result<Items, Error> {
        let items = self.connection.fetch_many(self.session.statement(query)).try_collect();
        within(STATEMENT_TIMEOUT, items).await
    }

    /// Whether the connected server accepts writes. A standby does not.
    pub(crate) async fn accepts_writes(&mut self) -> Result<bool, Error> {
        let row = sqlx::raw_sql("SHOW transaction_read_only").fetch_one(&mut self.connection).await?;
        Ok(row.try_get::<&str, _>(0)? == "off")
    }

    pub(crate) async fn ping(&mut self) -> Result<(), Error> {
        self.connection.ping().await
    }

    pub(crate) async fn close(self) -> Result<(), Error> {
        self.connection.close().await
    }

    /// The connection of a direct session, for the caller's statements, which have no client-side timeout.
    pub(crate) fn into_inner(self) -> PgConnection {
        self.connection
    }

    /// The connection, for preparing and describing statements. Only the tools of sqlx do this.
    pub(crate) fn inner(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// Limits the time of a statement.
pub(crate) async fn within<T>(
    limit: Duration,
    statement: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let timed_out = |_| Error::Io(std::io::ErrorKind::TimedOut.into());
    timeout(limit, statement).await.map_err(timed_out)?
}

/// Whether the connection can be used after this error: the server refused the statement without ending the
/// session, or the client could not encode the statement or decode its response.
pub(crate) fn is_connection_usable_after(error: &Error) -> bool {
    let refusal = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    match error {
        Error::Database(_) => refusal
            .is_some_and(|refusal| !matches!(refusal.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
        Error::RowNotFound | Error::ColumnDecode { .. } | Error::Decode(_) | Error::Encode(_) => true,
        _ => false,
    }
}
