//! The durable job runner (`docs/specification.md`, section 6).
//!
//! A job is a list of named steps that change external systems. The job and its steps are rows in
//! PostgreSQL. The transaction that requests the work inserts them. [`Worker`]s in any number of
//! processes lease jobs and run their steps in order; [`rollback`] removes the effects in reverse order.
//!
//! The runner does not know what a step does: [`Steps`] maps the name of a step to a [`StepWork`]. The
//! runner does not read data of tenants either: the SQL function `job_context` returns the
//! [`context`](Job::context) of a job, and only the steps read it. A job may have no provisioning request
//! and no tenant.
//!
//! | item | content |
//! | --- | --- |
//! | [`Queue`] | the SQL functions: claim, finish, fail, release, extend a lease |
//! | [`Worker`] | the loop that runs steps |
//! | [`rollback`] | compensation in reverse order |
//! | [`dead_step`] | the actions of an admin on a dead step |
//! | [`health`] | the current state of the queue, the workers and the circuit breakers |
//! | [`report_queue_metrics`] | the current state as OpenTelemetry gauges |

mod attempt;
mod compensation;
pub mod dead_step;
mod error;
pub mod health;
mod job;
mod job_actor;
mod job_lock;
mod metrics;
mod notifications;
mod queue;
mod queue_metrics;
mod rollback;
mod step;
mod worker;
mod worker_notifier;

pub use compensation::Compensation;
pub use error::Error;
pub use job::Job;
pub use job_actor::JobActor;
pub use queue::{PIPELINE, Queue};
pub use queue_metrics::report_queue_metrics;
pub use rollback::{DueRollback, RollbackTrigger, rollback, rollbacks_due};
pub use step::{Resource, StepWork, Steps};
pub use worker::Worker;
