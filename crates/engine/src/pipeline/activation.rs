use std::sync::Arc;

use async_trait::async_trait;
use connectors::steps::ActivateTenant;
use database::Database;
use domain::jobs::StepFailure;
use uuid::Uuid;

use super::database_failure;

/// Activates tenants in Tenantry's database, for the last step of a provisioning job.
#[derive(Debug, Clone)]
pub struct Activation {
    database: Arc<Database>,
}

impl Activation {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl ActivateTenant for Activation {
    async fn activate(&self, job_id: Uuid) -> Result<bool, StepFailure> {
        sqlx::query_scalar!(r#"SELECT activate_tenant($1) AS "is_active!""#, job_id)
            .fetch_one(&self.database.pool())
            .await
            .map_err(|error| database_failure(&error))
    }
}
