use std::sync::Arc;

use async_trait::async_trait;
use database::Database;
use domain::jobs::StepFailure;
use jobs::{Job, StepWork};

use super::database_failure;

/// The last step of a purge: deletes the data of the tenant in Tenantry's database. The probe deletes them,
/// because the function does nothing for a tenant that is purged.
#[derive(Debug)]
pub(crate) struct PurgeTenant {
    database: Arc<Database>,
}

impl PurgeTenant {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl StepWork for PurgeTenant {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let is_purged = sqlx::query_scalar!(r#"SELECT purge_tenant($1) AS "is_purged!""#, job.id)
            .fetch_one(&self.database.pool())
            .await
            .map_err(|error| database_failure(&error))?;
        Ok(is_purged.then(|| "purged".to_owned()))
    }

    async fn act(&self, _job: &Job) -> Result<(), StepFailure> {
        // The probe did not purge the tenant, although a purge begins only when no restore is possible.
        Err(StepFailure::permanent("the tenant cannot be purged"))
    }

    /// Deleted data cannot be restored.
    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }
}
