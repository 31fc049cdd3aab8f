use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use database::Database;
use domain::jobs::StepFailure;
use jobs::{Job, StepWork};
use uuid::Uuid;

use super::database_failure;

/// The number of audit entries of a batch, which takes about 0.5 s.
const BATCH_ENTRIES: i32 = 5_000;
/// The time limit of an attempt. The next attempt continues after the last batch that was committed.
const TIMEOUT: Duration = Duration::from_secs(600);

/// The last step of a purge: redacts the audit entries about the tenant in batches, each in its own
/// transaction, and deletes the data of the tenant in Tenantry's database. The probe does so, because both
/// functions do nothing for a tenant that is purged.
#[derive(Debug)]
pub(crate) struct PurgeTenant {
    database: Arc<Database>,
}

impl PurgeTenant {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    async fn redact_audit_entries(&self, job_id: Uuid) -> Result<(), sqlx::Error> {
        loop {
            let count = sqlx::query_scalar!(
                r#"SELECT redact_audit_entries($1, $2) AS "count!""#,
                job_id,
                BATCH_ENTRIES
            )
            .fetch_one(&self.database.pool())
            .await?;
            if count < BATCH_ENTRIES {
                return Ok(());
            }
        }
    }

    /// Returns whether the tenant is purged.
    async fn purge(&self, job_id: Uuid) -> Result<bool, sqlx::Error> {
        self.redact_audit_entries(job_id).await?;
        sqlx::query_scalar!(r#"SELECT purge_tenant($1) AS "is_purged!""#, job_id)
            .fetch_one(&self.database.pool())
            .await
    }
}

#[async_trait]
impl StepWork for PurgeTenant {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let is_purged = self.purge(job.id).await.map_err(|error| database_failure(&error))?;
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

    fn timeout(&self) -> Duration {
        TIMEOUT
    }
}
