//! Runs a step of a tenant without a worker.

use connectors::{TenantJob, TenantStep};
use domain::jobs::StepFailure;

/// Probes, acts and verifies, as a worker does. Returns the external reference.
///
/// # Errors
/// The failure of the step.
///
/// # Panics
/// If the effect is missing after acting.
pub async fn run_step(work: &dyn TenantStep, job: &TenantJob) -> Result<String, StepFailure> {
    if let Some(reference) = work.probe(job).await? {
        return Ok(reference);
    }
    work.act(job).await?;
    Ok(work.probe(job).await?.expect("the effect exists after acting"))
}
