use domain::pipeline::Step;
use jobs::{Compensation, Steps};

/// Adds the steps of a purge: for each step of a provisioning job, one that removes its effect.
#[must_use]
pub fn with_purge_steps(steps: Steps) -> Steps {
    Step::ALL.into_iter().fold(steps, |steps, step| match steps.get(&step.into()).cloned() {
        Some(work) => steps.with(step.purge_name(), Compensation(work)),
        None => steps,
    })
}
