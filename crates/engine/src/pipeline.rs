//! The external pipeline of tenants: the parts that change Tenantry's own data (`docs/specification.md`,
//! section 6).
//!
//! The runner executes jobs, `connectors` implements their steps, and this module activates the tenant
//! at the end, applies the actions of admins, and runs the periodic maintenance.

mod activation;
mod dead_step;
mod health;
mod maintenance;
mod rollback;

pub use activation::Activation;
pub use dead_step::{DeadStepAction, apply_dead_step_action};
pub use health::{pipeline_health, report_queue_metrics, test_connector_now, typical_durations};
pub use maintenance::{
    MaintenanceReport, MaintenanceTimeouts, run_maintenance, run_maintenance_periodically,
};
pub use rollback::{rollback, rollback_detached};
