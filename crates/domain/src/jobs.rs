//! The rules of the job runner: the transitions of a step, the delay before a retry, and when a
//! connector's circuit breaker opens (`docs/specification.md`, section 6).
//!
//! Nothing here refers to tenants or to provisioning: a job is a list of named steps. The steps of a
//! provisioning job are in [`pipeline`](crate::pipeline).

mod breaker;
mod failure;
mod health;
mod retry;
mod step_name;
mod step_record;

pub use breaker::{BreakerLimits, BreakerSignal, BreakerState};
pub use failure::{FailureKind, StepFailure};
pub use health::{QueueHealth, WorkerHealth};
pub use retry::{FailureSeries, MAX_LOST_ATTEMPTS, RetryPolicy};
pub use step_name::StepName;
pub use step_record::{JobState, NotAllowed, StepEvent, StepRecord};
