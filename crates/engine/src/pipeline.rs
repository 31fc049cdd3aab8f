//! The external pipeline (SPEC section 6): a worker leases jobs and takes their steps one after the
//! other, each as probe, act, verify. `docs/CONNECTORS.md` tells how to write a step.

mod actions;
mod attempt;
mod call;
mod copies;
mod figures;
mod health;
mod job;
mod maintenance;
mod odoo;
mod outbound;
mod queue;
mod rollback;
pub mod settings;
mod step;
pub mod steps;
mod vault;
mod worker;

pub use actions::{DeadStepAction, decide};
pub use copies::refill_pool;
pub use figures::report_figures;
pub use health::{pipeline_health, probe_now, usual_times};
pub use job::{Job, JobOwner, JobTenant};
pub use maintenance::{MaintenanceReport, MaintenanceTimeouts, run_maintenance_periodically, tidy};
pub use outbound::Outbound;
pub use rollback::{rollback, rollback_detached};
pub use settings::PipelineSettings;
pub use step::{StepWork, Steps};
pub use vault::Vault;
pub use worker::Worker;
