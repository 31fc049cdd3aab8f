use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::jobs::{RetryPolicy, StepFailure, StepName};
use serde::Serialize;

use crate::Job;

/// The implementation of a step.
///
/// Any call may be interrupted at any moment and repeated, possibly while a superseded worker still runs the
/// same step. Every attempt first looks for the effect by a mark that is the same for all attempts of the
/// step. `act` must also be safe if another attempt creates the effect after the probe.
#[async_trait]
pub trait StepWork: fmt::Debug + Send + Sync {
    /// Looks for the effect that this job created. Returns its external reference, or `None` if the effect
    /// does not exist.
    ///
    /// # Errors
    /// If the external system refuses the call or cannot be reached. Fails permanently if the resource exists
    /// without the mark of this job. After a failure, the worker does not call [`act`](Self::act).
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure>;

    /// Creates the effect. The worker calls this only after [`probe`](Self::probe) returned `None`.
    ///
    /// # Errors
    /// If the call failed. The effect may exist despite the failure.
    async fn act(&self, job: &Job) -> Result<(), StepFailure>;

    /// Removes the effect if it exists. Repeated calls are safe.
    ///
    /// # Errors
    /// If the effect may still exist.
    async fn compensate(&self, job: &Job) -> Result<(), StepFailure>;

    /// Removes what the attempts of a dead step left behind, before an admin skips the step. Implement this
    /// only if an attempt may leave something behind that nothing else removes. Must be safe to repeat.
    ///
    /// # Errors
    /// If something may still be left. The step is then not skipped.
    async fn discard(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    /// What the step created, to be kept for the tenant of the job. `reference` is the result of
    /// [`probe`](Self::probe). `None` for a step that creates nothing.
    fn resource(&self, _job: &Job, _reference: &str) -> Option<Resource> {
        None
    }

    /// The time limit of each call. A call that takes longer fails with
    /// [`FailureKind::TimedOut`](domain::jobs::FailureKind::TimedOut).
    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// When the step is retried, if not by the policy of the worker.
    fn retry_policy(&self) -> Option<RetryPolicy> {
        None
    }
}

/// What a step created in an external system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// The kind of the resource, such as `database`. A tenant has at most one resource of a kind.
    pub kind: &'static str,
    /// Where a person finds the resource, if the step knows it.
    pub url: Option<String>,
}

/// The implementations of the configured steps, by name. Built once per process and shared.
#[derive(Debug, Clone, Default)]
pub struct Steps(HashMap<StepName, Arc<dyn StepWork>>);

impl Steps {
    /// Adds a step, or replaces the step of that name.
    #[must_use]
    pub fn with(self, name: impl Into<StepName>, work: impl StepWork + 'static) -> Self {
        self.with_shared(name, Arc::new(work))
    }

    /// Adds a step whose implementation another name may share, or replaces the step of that name.
    #[must_use]
    pub fn with_shared(mut self, name: impl Into<StepName>, work: Arc<dyn StepWork>) -> Self {
        self.0.insert(name.into(), work);
        self
    }

    /// Returns the implementation of a step, if it is configured.
    pub fn get(&self, name: &StepName) -> Option<&Arc<dyn StepWork>> {
        self.0.get(name)
    }
}
