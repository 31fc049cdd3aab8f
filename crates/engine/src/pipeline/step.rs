use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;

use super::Job;

/// A step's work in an outside system. Any part of it may be cut off at any moment and begun again,
/// by another process too: what makes the effect happen once is that it is looked for first.
#[async_trait]
pub trait StepWork: fmt::Debug + Send + Sync {
    /// Looks whether the effect is there, under our reference, and answers how it is called outside.
    ///
    /// # Errors
    /// When that cannot be told, or when something is there that is not ours: then the step must
    /// not act, which a lasting failure says.
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure>;

    /// Makes the effect. Only called after [`probe`](Self::probe) did not find it.
    ///
    /// # Errors
    /// When it may not have happened. It may have, all the same.
    async fn act(&self, job: &Job) -> Result<(), StepFailure>;

    /// Undoes the effect, if it is there. Calling it again does nothing more.
    ///
    /// # Errors
    /// When it may still be there.
    async fn compensate(&self, job: &Job) -> Result<(), StepFailure>;

    /// How long one of these may take. Longer is a failure that may pass.
    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }
}

/// The work of each step that is configured.
#[derive(Debug, Clone, Default)]
pub struct Steps(HashMap<Step, Arc<dyn StepWork>>);

impl Steps {
    /// These, and this one.
    #[must_use]
    pub fn with(mut self, step: Step, work: impl StepWork + 'static) -> Self {
        self.0.insert(step, Arc::new(work));
        self
    }

    /// The work of a step, if it is configured.
    pub fn get(&self, step: Step) -> Option<Arc<dyn StepWork>> {
        self.0.get(&step).cloned()
    }

    /// Whether any is configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
