//! The external pipeline of tenants: the parts that change Tenantry's own data (`docs/specification.md`,
//! section 6).
//!
//! The crate `jobs` runs jobs, and `connectors` implements their steps. This module activates the tenant at
//! the end, stores the secrets of tenants, applies the actions of admins, and runs the periodic maintenance.

mod activation;
mod dead_step;
mod health;
mod maintenance;
mod purge_step;
mod retention;
mod rollback;
mod secret_store;

use database::Loggable;
use domain::jobs::StepFailure;

pub use activation::Activation;
pub use dead_step::{DeadStepAction, apply_dead_step_action};
pub use health::{pipeline_health, report_queue_metrics, test_connector_now, typical_durations};
pub use maintenance::{
    MaintenanceReport, MaintenanceTimeouts, preview_maintenance, run_complete_maintenance, run_maintenance,
    run_maintenance_periodically,
};
pub(crate) use purge_step::PurgeTenant;
pub use retention::RetentionReport;
pub use rollback::{rollback, rollback_detached};
pub(crate) use secret_store::DatabaseSecretStore;

/// Converts an error of Tenantry's database into the failure of a step. Logs the cause. The failure does not
/// include the cause, because admins see the failure.
pub(crate) fn database_failure(error: &sqlx::Error) -> StepFailure {
    tracing::warn!(error = ?Loggable(error), "a step could not use Tenantry's database");
    StepFailure::transient("Tenantry's database failed")
}
