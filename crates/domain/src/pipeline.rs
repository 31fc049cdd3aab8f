//! The external pipeline of a provisioning job: its steps, the connectors they use, and the blueprints
//! that select them (`docs/specification.md`, section 6). [`jobs`](crate::jobs) has the rules that hold
//! for every job.

mod blueprint;
mod health;
mod step;

pub use blueprint::{Blueprint, BlueprintProblem};
pub use health::{ConnectorHealth, DeadLetter, DeadLetterTenant, PipelineHealth, TypicalDuration};
pub use step::{Connector, PURGE_TENANT, Step, step_label};
