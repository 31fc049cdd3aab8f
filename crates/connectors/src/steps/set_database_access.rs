use async_trait::async_trait;
use domain::{jobs::StepFailure, pipeline::Step};
use sqlx::PgConnection;

use super::copy_database::expected_mark;
use crate::{
    TenantJob, TenantStep,
    copies::{Access, CopyServer, read_access, read_mark, set_access},
    settings::PostgresCopies,
};

/// The step of a lifecycle job for a database that PostgreSQL copied: refuses connections to the database of
/// a tenant that is suspended or deleted, and terminates open ones; allows connections to every other
/// database.
///
/// A database without our mark is never changed.
#[derive(Debug)]
pub struct SetDatabaseAccess {
    server: CopyServer,
}

impl SetDatabaseAccess {
    /// Creates the step.
    pub fn new(settings: PostgresCopies) -> Self {
        Self { server: CopyServer::new(settings) }
    }

    /// Reads the access to our database. Returns `None` if the database does not exist or is not ours, and
    /// need not exist, because its step has not succeeded.
    async fn find(
        &self,
        connection: &mut PgConnection,
        job: &TenantJob,
    ) -> Result<Option<Access>, StepFailure> {
        let (database, must_exist) = (job.database(), job.has_effect_of(Step::CopyDatabase));
        match read_mark(connection, &database).await? {
            Some(mark) if mark == expected_mark(job) => read_access(connection, &database).await,
            Some(_) if must_exist => Err(StepFailure::permanent(format!(
                "the database {database} exists but belongs to another request"
            ))),
            None if must_exist && job.status()?.allows_access() => {
                Err(StepFailure::permanent(format!("the database {database} no longer exists")))
            }
            Some(_) | None => Ok(None),
        }
    }
}

#[async_trait]
impl TenantStep for SetDatabaseAccess {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let mut connection = self.server.connect(&application_name(job), None).await?;
        let allowed = job.status()?.allows_access();
        let is_done = match self.find(&mut connection, job).await? {
            Some(Access { is_allowed, open_connections }) => {
                is_allowed == allowed && (allowed || open_connections == 0)
            }
            None => true,
        };
        Ok(is_done.then(|| job.database()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        // A superseded worker could otherwise change the access after this one.
        let mut connection = self.server.connect_exclusively(&application_name(job)).await?;
        match self.find(&mut connection, job).await? {
            Some(_) => set_access(&mut connection, &job.database(), job.status()?.allows_access()).await,
            None => Ok(()),
        }
    }

    /// A lifecycle job is never rolled back.
    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}

/// The application name of the job's connections. Differs from that of the step that copies the database.
fn application_name(job: &TenantJob) -> String {
    format!("tenantry access {}", job.request_id.simple())
}
