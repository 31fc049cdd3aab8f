use std::{sync::Arc, time::Duration};

use connectors::{
    HttpClientError, PipelineSettings, TenantStepAdapter, Vault, WrappingKey, build_steps,
    mail::{MailSettings, MailTransport, Mailer, SEND_MAIL, SendMail},
    settings::CopySettings,
    steps::{Finalize, with_purge_steps},
};
use database::{Database, Loggable, Pool, Servers};
use domain::{
    ErrorCode,
    pipeline::{PURGE_TENANT, Step},
    plan::Plan,
};
use jobs::{Queue, Steps, Worker};
use sqlx::{PgConnection, postgres::PgListener};
use tokio::sync::{Notify, Semaphore, broadcast, watch};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    Error, MasterKey,
    access::keep_client_address,
    audit::HeadFile,
    mail::{DatabaseOutbox, QUEUE},
    pipeline::{Activation, DatabaseSecretStore, PurgeTenant},
    repeated_failure::RepeatedFailure,
    schema,
    sign_up::SignUpSettings,
    telemetry::{self, Instruments},
    tenants::DomainSettings,
};

/// The channel of the notifications with the IDs of provisioning requests that changed.
const CHANGE_CHANNEL: &str = "tenantry_changes";
/// The channel of the notifications without content that an access right changed.
const ACCESS_CHANNEL: &str = "tenantry_access";

/// Adds the steps of a purge.
fn with_purge(steps: Steps, database: &Arc<Database>) -> Steps {
    with_purge_steps(steps).with(PURGE_TENANT, PurgeTenant::new(database.clone()))
}

/// The steps of the jobs that deliver mail.
fn mail_steps(mailer: &Mailer, database: &Arc<Database>, vault: &Vault) -> Steps {
    let outbox = DatabaseOutbox::new(database.clone(), vault.clone());
    Steps::default().with(SEND_MAIL, SendMail::new(mailer.clone(), Arc::new(outbox)))
}

/// The state that all functions of the engine share: connections, keys, and the external pipeline. Cheap to
/// clone. A process creates one engine.
#[derive(Debug, Clone)]
pub struct Engine {
    database: Arc<Database>,
    pub(crate) master_key: Arc<MasterKey>,
    /// Limits concurrent password hashes: each takes 19 MiB.
    pub(crate) hashing: Arc<Semaphore>,
    pub(crate) instruments: Arc<Instruments>,
    pipeline: Arc<PipelineSettings>,
    plans: Arc<[Plan]>,
    domains: Arc<DomainSettings>,
    sign_up: Arc<SignUpSettings>,
    /// The file with the signed head of the audit log.
    audit_head: Option<Arc<HeadFile>>,
    queue: Queue,
    steps: Arc<Steps>,
    mailer: Mailer,
    mail_steps: Arc<Steps>,
    vault: Vault,
    changes: broadcast::Sender<Uuid>,
    /// Wakes the task that works on uploaded imports.
    uploads: Arc<Notify>,
    access_changes: watch::Sender<()>,
    /// Work that continues after its call has returned.
    background: TaskTracker,
}

impl Engine {
    /// Creates an engine without an external pipeline, with at most `pool_size` connections and
    /// `hashing_limit` concurrent password hashes. The database need not be reachable yet.
    pub fn new(
        servers: impl Into<Servers>,
        pool_size: u32,
        hashing_limit: usize,
        master_key: MasterKey,
    ) -> Self {
        let database = Arc::new(Database::new(servers, pool_size));
        let changes = broadcast::channel(256).0;
        let finalize = Finalize::new(Arc::new(Activation::new(database.clone())));
        let vault = Vault::new(
            Arc::new(DatabaseSecretStore(database.clone())),
            WrappingKey::new(master_key.wrapping_key()),
        );
        let mailer = Mailer::new(MailSettings::to_directory(std::env::temp_dir().join("tenantry-mail")));
        Self {
            queue: Queue::new(database.clone(), changes.clone()),
            steps: Arc::new(with_purge(
                Steps::default().with(Step::Finalize, TenantStepAdapter(finalize)),
                &database,
            )),
            mail_steps: Arc::new(mail_steps(&mailer, &database, &vault)),
            mailer,
            vault,
            database,
            master_key: Arc::new(master_key),
            hashing: Arc::new(Semaphore::new(hashing_limit.max(1))),
            instruments: Arc::new(Instruments::new(&telemetry::meter())),
            pipeline: Arc::default(),
            plans: Plan::defaults().into(),
            domains: Arc::default(),
            sign_up: Arc::default(),
            audit_head: None,
            changes,
            uploads: Arc::default(),
            access_changes: watch::Sender::new(()),
            background: TaskTracker::new(),
        }
    }

    /// Sets the external pipeline and creates its steps.
    ///
    /// # Errors
    /// If the HTTP client of the connectors cannot be created.
    pub fn with_pipeline(self, settings: PipelineSettings) -> Result<Self, HttpClientError> {
        let steps = build_steps(&settings, self.vault.clone(), Arc::new(self.activation()))?;
        Ok(Self { pipeline: Arc::new(settings), ..self }.with_steps(steps))
    }

    /// Replaces the steps of the external pipeline. Adds the steps of a purge.
    #[must_use]
    pub fn with_steps(self, steps: Steps) -> Self {
        Self { steps: Arc::new(with_purge(steps, &self.database)), ..self }
    }

    /// Sets how mail is sent.
    #[must_use]
    pub fn with_mail(self, settings: MailSettings) -> Self {
        let mailer = Mailer::new(settings);
        let mail_steps = Arc::new(mail_steps(&mailer, &self.database, &self.vault));
        Self { mailer, mail_steps, ..self }
    }

    /// Replaces the default plans.
    #[must_use]
    pub fn with_plans(self, plans: Vec<Plan>) -> Self {
        Self { plans: plans.into(), ..self }
    }

    /// Sets how custom domains are verified, and which domains belong to the platform.
    #[must_use]
    pub fn with_domains(self, domains: DomainSettings) -> Self {
        Self { domains: Arc::new(domains), ..self }
    }

    /// Sets who may sign up, and how often.
    #[must_use]
    pub fn with_sign_up(self, sign_up: SignUpSettings) -> Self {
        Self { sign_up: Arc::new(sign_up), ..self }
    }

    /// Sets the file in which the signed head of the audit log is stored.
    #[must_use]
    pub fn with_audit_head(self, file: HeadFile) -> Self {
        Self { audit_head: Some(Arc::new(file)), ..self }
    }

    /// The file with the signed head of the audit log, if there is one.
    pub fn audit_head(&self) -> Option<&HeadFile> {
        self.audit_head.as_deref()
    }

    /// Who may sign up, and how often.
    pub fn sign_up(&self) -> &SignUpSettings {
        &self.sign_up
    }

    /// How custom domains are verified, and which domains belong to the platform.
    pub(crate) fn domains(&self) -> &DomainSettings {
        &self.domains
    }

    /// The configured plans, smallest first.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// The configured plan with this name.
    pub fn plan(&self, name: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.name == name)
    }

    /// The settings of the external pipeline.
    pub fn pipeline(&self) -> &PipelineSettings {
        &self.pipeline
    }

    /// The names of the steps whose effects lifecycle jobs change, and whose external system is configured. A
    /// copy service has no call that refuses connections to a copy.
    pub(crate) fn steps_with_access(&self) -> Vec<String> {
        let is_copied_by_service = matches!(self.pipeline.copy, Some(CopySettings::Service { .. }));
        let is_configured = |step: &Step| {
            let is_by_service = *step == Step::CopyDatabase && is_copied_by_service;
            !is_by_service && self.steps.get(&step.access_name(false)).is_some()
        };
        Step::WITH_ACCESS.into_iter().filter(is_configured).map(|step| step.as_str().to_owned()).collect()
    }

    /// The steps of the external pipeline.
    pub fn steps(&self) -> &Arc<Steps> {
        &self.steps
    }

    /// The job queue.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Creates a worker for the external pipeline.
    pub fn worker(&self) -> Worker {
        Worker::new(self.queue.clone(), self.steps.clone())
    }

    /// Creates a worker that delivers mail.
    pub fn mail_worker(&self) -> Worker {
        Worker::new(self.queue.clone(), self.mail_steps.clone()).with_queue(QUEUE)
    }

    /// Delivers mail.
    pub fn mailer(&self) -> &Mailer {
        &self.mailer
    }

    /// The encrypted secrets of tenants, and those of messages.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Activates tenants, for the last step of a provisioning job.
    pub fn activation(&self) -> Activation {
        Activation::new(self.database.clone())
    }

    /// The current connection pool. Call this for each unit of work: a failover replaces the pool.
    pub(crate) fn pool(&self) -> Pool {
        self.database.pool()
    }

    /// Opens a connection whose session belongs to the caller. See [`Database::connect`].
    pub(crate) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        self.database.connect().await
    }

    /// Switches to the server that accepts writes, if the database has several servers.
    pub async fn switch_to_writable_server(&self) {
        self.database.switch_to_writable_server().await;
    }

    /// Checks the schema, and migrates it if it is not current. If the schema is current, the database
    /// role needs no privilege to create objects.
    ///
    /// # Errors
    /// See [`schema::migrate`].
    pub async fn migrate(&self) -> Result<(), Error> {
        match self.check_schema().await {
            Err(error) if error.problem().code == ErrorCode::SchemaOutOfDate => {
                schema::migrate(&self.database).await?;
                self.check_schema().await
            }
            result => result,
        }
    }

    /// Checks that the database can be reached and has the schema of this version.
    ///
    /// # Errors
    /// `DATABASE_UNAVAILABLE` or `SCHEMA_OUT_OF_DATE`, among others.
    pub async fn check_schema(&self) -> Result<(), Error> {
        let current = schema::is_current(&self.database).await?;
        self.database.set_schema_is_current(current);
        self.require_schema()
    }

    /// Fails with `SCHEMA_OUT_OF_DATE` unless the last check found the schema of this version.
    pub(crate) fn require_schema(&self) -> Result<(), Error> {
        match self.database.schema_is_current() {
            true => Ok(()),
            false => Err(ErrorCode::SchemaOutOfDate.into()),
        }
    }

    /// Checks the database every 2 s until the future is dropped. After a failed check, switches to the
    /// server that accepts writes and applies missing migrations. Keeps the SQL functions of another version
    /// that was started later. Also closes idle connections.
    pub async fn watch_database(self) {
        let (mut check, mut migration) = (RepeatedFailure::default(), RepeatedFailure::default());
        loop {
            let wait = match self.check_schema().await {
                Ok(()) => {
                    if check.end() {
                        tracing::info!("the database is ready");
                    }
                    migration.end();
                    Duration::from_secs(2)
                }
                Err(error) => {
                    check.report(&error, "the database is not ready");
                    self.switch_to_writable_server().await;
                    if let Err(error) = schema::migrate_unless_superseded(&self.database).await {
                        migration.report(&error, "the migrations failed");
                    }
                    Duration::from_secs(1)
                }
            };
            self.pool().close_idle().await;
            tokio::time::sleep(wait).await;
        }
    }

    /// Receives the IDs of provisioning requests that changed.
    pub fn changes(&self) -> broadcast::Receiver<Uuid> {
        self.changes.subscribe()
    }

    /// Whether a mail server is configured. Otherwise each message is written to a file.
    pub fn has_mail_server(&self) -> bool {
        matches!(self.mailer.settings().transport, MailTransport::Smtp(_))
    }

    /// Changes whenever an employee was disabled or got another role, a token was revoked, or a session ended.
    pub fn access_changes(&self) -> watch::Receiver<()> {
        self.access_changes.subscribe()
    }

    /// Forwards the changes of all processes to [`changes`](Self::changes) and
    /// [`access_changes`](Self::access_changes) until the future is dropped. Notifications are lost while the
    /// connection is broken, so receivers must also poll.
    pub async fn listen_for_changes(self) {
        loop {
            match self.listen_for_all().await {
                Ok(mut listener) => {
                    while let Ok(notification) = listener.recv().await {
                        match notification.channel() {
                            ACCESS_CHANNEL => self.access_changes.send_replace(()),
                            _ => notification.payload().parse().into_iter().for_each(|id| self.announce(id)),
                        }
                    }
                }
                Err(error) => tracing::debug!(error = ?Loggable(&error), "could not listen for changes"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn listen_for_all(&self) -> Result<PgListener, sqlx::Error> {
        let mut listener = self.listen(CHANGE_CHANNEL).await?;
        listener.listen(ACCESS_CHANNEL).await?;
        Ok(listener)
    }

    pub(crate) async fn listen(&self, channel: &str) -> Result<PgListener, sqlx::Error> {
        self.database.listen(channel).await
    }

    pub(crate) fn announce(&self, request_id: Uuid) {
        // An error means that there is no receiver.
        let _ = self.changes.send(request_id);
    }

    /// Wakes the task that works on uploaded imports, or waits for it.
    pub(crate) fn uploads(&self) -> &Notify {
        &self.uploads
    }

    /// Runs work that continues after its call has returned, and reports its error. [`close`](Self::close) waits
    /// for it.
    pub(crate) fn run_in_background(&self, work: impl Future<Output = Result<(), Error>> + Send + 'static) {
        self.background.spawn(keep_client_address(async move {
            if let Err(error) = work.await {
                error.report();
            }
        }));
    }

    /// Waits for work in the background and running statements, and closes every connection.
    pub async fn close(&self) {
        self.background.close();
        self.background.wait().await;
        self.pool().close().await;
    }
}
