use std::{sync::Arc, time::Duration};

use ::database::{Database, Servers};
use domain::ErrorCode;
use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::{Semaphore, broadcast};
use uuid::Uuid;

use crate::{
    Error, MasterKey,
    pipeline::PipelineSettings,
    schema,
    telemetry::{self, Instruments},
};

/// Everything that the engine's functions need. Cheap to clone; one for each process.
#[derive(Debug, Clone)]
pub struct Engine {
    database: Arc<Database>,
    pub(crate) master_key: Arc<MasterKey>,
    /// How many passwords may be hashed at once: each takes 19 MiB.
    pub(crate) hashing: Arc<Semaphore>,
    pub(crate) instruments: Arc<Instruments>,
    pipeline: Arc<PipelineSettings>,
    changes: broadcast::Sender<Uuid>,
}

impl Engine {
    /// An engine on a database that may not be reachable yet. `pool_size` connections and
    /// `hashing_limit` concurrent password hashes at most.
    pub fn new(
        servers: impl Into<Servers>,
        pool_size: u32,
        hashing_limit: usize,
        master_key: MasterKey,
    ) -> Self {
        Self {
            database: Arc::new(Database::new(servers, pool_size)),
            master_key: Arc::new(master_key),
            hashing: Arc::new(Semaphore::new(hashing_limit.max(1))),
            instruments: Arc::new(Instruments::new(&telemetry::meter())),
            pipeline: Arc::default(),
            changes: broadcast::channel(256).0,
        }
    }

    /// The same with an external pipeline.
    #[must_use]
    pub fn with_pipeline(self, settings: PipelineSettings) -> Self {
        Self { pipeline: Arc::new(settings), ..self }
    }

    /// What is configured of the external pipeline.
    pub fn pipeline(&self) -> &PipelineSettings {
        &self.pipeline
    }

    /// The connections to use now. Take them anew for each piece of work: after a failover they
    /// are others.
    pub(crate) fn pool(&self) -> PgPool {
        self.database.pool()
    }

    /// Turns to the server that takes writes, where the database has several and any does.
    pub async fn find_writable_server(&self) {
        self.database.find_writable().await;
    }

    /// Runs the migrations and notes that the schema is right.
    ///
    /// # Errors
    /// See [`schema::migrate`].
    pub async fn migrate(&self) -> Result<(), Error> {
        schema::migrate(&self.pool()).await?;
        self.check_schema().await
    }

    /// Asks the database whether it can be reached and has the schema of this version.
    ///
    /// # Errors
    /// `DATABASE_UNAVAILABLE` or `SCHEMA_OUT_OF_DATE`, among others.
    pub async fn check_schema(&self) -> Result<(), Error> {
        let current = schema::is_current(&self.pool()).await?;
        self.database.set_schema_is_current(current);
        self.require_schema()
    }

    /// Refuses while the schema, when it was last looked at, was not the one of this version.
    pub(crate) fn require_schema(&self) -> Result<(), Error> {
        match self.database.schema_is_current() {
            true => Ok(()),
            false => Err(ErrorCode::SchemaOutOfDate.into()),
        }
    }

    /// Checks the database every 2 s until the process ends. After a failed check, switches to the server that accepts
    /// writes and applies missing migrations. Does not replace the functions of another version that was started since.
    pub async fn watch_database(self) {
        loop {
            let wait = match self.check_schema().await {
                Ok(()) => Duration::from_secs(2),
                Err(error) => {
                    tracing::warn!(code = %error.problem().code, error = ?error, "the database is not ready");
                    self.find_writable_server().await;
                    if let Err(error) = schema::migrate_unless_superseded(&self.pool()).await {
                        tracing::warn!(error = ?error, "the migrations failed");
                    }
                    Duration::from_secs(1)
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// The ids of requests as they change in this process. Others' changes are found by asking.
    pub fn changes(&self) -> broadcast::Receiver<Uuid> {
        self.changes.subscribe()
    }

    /// Passes on what other processes changed, until this one ends. What is told while the connection
    /// is broken is missed: who listens looks now and then by itself too.
    pub async fn listen_for_changes(self) {
        loop {
            match self.listen("tenantry_changes").await {
                Ok(mut listener) => {
                    while let Ok(told) = listener.recv().await {
                        told.payload().parse().into_iter().for_each(|id| self.announce(id));
                    }
                }
                Err(error) => tracing::debug!(?error, "changes of other processes cannot be heard"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    pub(crate) async fn listen(&self, channel: &str) -> Result<PgListener, sqlx::Error> {
        self.database.listen(channel).await
    }

    pub(crate) fn announce(&self, request_id: Uuid) {
        // Nobody listening is not a fault.
        let _ = self.changes.send(request_id);
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.pool().close().await;
    }
}
