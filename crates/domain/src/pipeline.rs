//! The external pipeline's rules (SPEC section 6): its steps, what may follow what, when a failure is
//! tried again, and when a connector is left alone for a while.

mod blueprint;
mod breaker;
mod failure;
mod health;
mod job;
mod retry;
mod step;

pub use blueprint::{Blueprint, BlueprintProblem};
pub use breaker::{Breaker, BreakerState};
pub use failure::{FailureKind, StepFailure};
pub use health::{ConnectorHealth, DeadLetter, PipelineHealth, QueueHealth, UsualTime, WorkerHealth};
pub use job::{Event, JobState, NotAllowed, StepRecord};
pub use retry::{MAX_TRIES, delay};
pub use step::{Connector, Step};
