//! The external pipeline (SPEC section 6): a worker leases jobs and takes their steps one after the
//! other, each as probe, act, verify. `docs/CONNECTORS.md` tells how to write a step.

mod actions;
mod attempt;
mod call;
mod copies;
mod figures;
mod health;
mod job;
mod odoo;
mod outbound;
mod queue;
mod roll_back;
pub mod settings;
mod step;
pub mod steps;
mod upkeep;
mod vault;
mod worker;

pub use actions::{Decision, decide};
pub use copies::keep_ready;
pub use figures::report_figures;
pub use health::{pipeline_health, probe_now, usual_times};
pub use job::{Job, JobOwner, JobTenant};
pub use outbound::Outbound;
pub use roll_back::{roll_back, roll_back_detached};
pub use settings::PipelineSettings;
pub use step::{StepWork, Steps};
pub use upkeep::{Patience, Tidied, keep_tidy, tidy};
pub use vault::Vault;
pub use worker::Worker;
