use std::fmt;

use async_trait::async_trait;
use domain::jobs::StepFailure;
use uuid::Uuid;

/// Activates the tenant of a job in Tenantry's database. The engine implements this trait.
#[async_trait]
pub trait ActivateTenant: fmt::Debug + Send + Sync {
    /// Activates the tenant unless it is active already. Returns whether it is active now.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn activate(&self, job_id: Uuid) -> Result<bool, StepFailure>;
}
