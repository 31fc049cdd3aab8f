use domain::pipeline::Step;
use jobs::{Compensation, Steps};

/// Adds the steps of a purge: for each step of a provisioning job, one that removes its effect, unless the
/// step of the purge exists already.
#[must_use]
pub fn with_purge_steps(steps: Steps) -> Steps {
    Step::ALL.into_iter().fold(steps, |steps, step| {
        let has_purge_step = steps.get(&step.purge_name()).is_some();
        match steps.get(&step.into()).filter(|_| !has_purge_step).cloned() {
            Some(work) => steps.with(step.purge_name(), Compensation(work)),
            None => steps,
        }
    })
}
