use std::time::Duration;

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Blueprint;
use jobs::Resource;
use sqlx::PgConnection;

use crate::{
    TenantJob, TenantStep,
    copies::{CopyServer, Filestore, drop_database, publish, read_mark, take_pooled_database, template_of},
    settings::PostgresCopies,
};

/// How long a copy may take.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Step 1 with PostgreSQL: copies the template database, or takes a database from the warm pool.
///
/// The step creates the copy under a temporary name, which contains the ID of the provisioning request, and
/// replaces the `database.uuid` and `database.secret` of the copy. One transaction then adds our mark and
/// renames the copy. Therefore a database with the final name and our mark is complete. A database with the
/// final name but without our mark is never changed. An attempt deletes the incomplete copy that an earlier
/// attempt left behind.
#[derive(Debug)]
pub struct CopyDatabase {
    server: CopyServer,
    filestore: Filestore,
    blueprints: Vec<Blueprint>,
}

impl CopyDatabase {
    /// Creates the step for the templates of these blueprints.
    pub fn new(settings: PostgresCopies, blueprints: Vec<Blueprint>) -> Self {
        let filestore = Filestore::new(settings.filestore.clone());
        Self { server: CopyServer::new(settings), filestore, blueprints }
    }

    /// Keeps the template's user with this login active in copies, in addition to Odoo's own admin.
    #[must_use]
    pub fn with_admin_login(self, login: Option<String>) -> Self {
        Self { server: self.server.with_admin_login(login), ..self }
    }

    /// Copies the template, or takes a pooled database, under the temporary name. The copy does not have our
    /// mark yet.
    async fn copy(
        &self,
        connection: &mut PgConnection,
        job: &TenantJob,
        template: &str,
    ) -> Result<(), StepFailure> {
        let name = temporary_name(job);
        // An earlier attempt may have left an incomplete copy.
        drop_database(connection, &name).await?;
        if take_pooled_database(connection, template, &name).await? {
            return Ok(());
        }
        self.server.copy(connection, &application_name(job), template, &name).await
    }
}

#[async_trait]
impl TenantStep for CopyDatabase {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let mut connection = self.server.connect(&application_name(job), None).await?;
        match read_mark(&mut connection, &job.database()).await? {
            None => Ok(None),
            Some(mark) if mark == expected_mark(job) => Ok(Some(job.database())),
            Some(_) => Err(StepFailure::permanent(format!(
                "the database {} exists but belongs to another request",
                job.database()
            ))),
        }
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let (template, mark) = (template_of(&self.blueprints, &job.blueprint)?, expected_mark(job));
        let mut connection = self.server.connect_exclusively(&application_name(job)).await?;
        // A superseded worker may have finished the copy since the probe.
        if read_mark(&mut connection, &job.database()).await?.as_deref() == Some(&mark) {
            return Ok(());
        }
        self.copy(&mut connection, job, template).await?;
        self.filestore.copy(template, &job.database(), &mark).await?;
        publish(&mut connection, &temporary_name(job), &job.database(), &mark).await
    }

    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let mark = expected_mark(job);
        let mut connection = self.server.connect_exclusively(&application_name(job)).await?;
        drop_database(&mut connection, &temporary_name(job)).await?;
        if read_mark(&mut connection, &job.database()).await?.as_deref() == Some(&mark) {
            drop_database(&mut connection, &job.database()).await?;
        }
        self.filestore.delete(&job.database(), &mark).await
    }

    /// Drops the copy, also under its temporary name. No other step looks for that name.
    async fn discard(&self, job: &TenantJob) -> Result<(), StepFailure> {
        self.compensate(job).await
    }

    fn resource(&self, _job: &TenantJob, _reference: &str) -> Option<Resource> {
        Some(Resource { kind: "database", url: None })
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }
}

/// Our mark: the comment on a database that this job created.
pub(super) fn expected_mark(job: &TenantJob) -> String {
    format!("tenantry:request:{}", job.request_id)
}

/// The application name of the job's connections.
fn application_name(job: &TenantJob) -> String {
    format!("tenantry copy {}", job.request_id.simple())
}

/// The name of the copy until `publish` renames it. The ID of the provisioning request makes the name unique.
fn temporary_name(job: &TenantJob) -> String {
    format!("{}--{}", job.database(), job.request_id.simple())
}
