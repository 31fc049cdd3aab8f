use super::MAX_LOST_ATTEMPTS;
use crate::StepState;

/// The stored fields of a step that decide which events are allowed.
///
/// ```mermaid
/// stateDiagram-v2
///     [*] --> pending
///     pending --> running: Begin
///     retrying --> running: Begin
///     running --> succeeded: Succeed
///     running --> retrying: Fail (with a retry), Release, Lose
///     running --> dead: Fail (without a retry), Lose (too many in a row)
///     dead --> retrying: Retry
///     dead --> skipped: Skip
///     pending --> compensated: Compensate
///     retrying --> compensated: Compensate
///     succeeded --> compensated: Compensate
///     dead --> compensated: Compensate
/// ```
///
/// The model does not include one transition: the SQL function `begin_rollback` marks the next pending or
/// retrying step as dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRecord {
    /// The state of the step.
    pub state: StepState,
    /// The fencing number: counts every `Begin`. A write that names an older attempt has no effect.
    pub attempt: u32,
    /// How many attempts failed since the step first started, or since an admin retried it.
    pub failed_attempts: u32,
    /// How many attempts in a row lost their worker.
    pub lost_attempts: u32,
}

/// An event that may change a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepEvent {
    /// A worker starts the step.
    Begin,
    /// The lease of the step's worker expired.
    Lose,
    /// A worker found the effect of the step.
    Succeed {
        /// The number of the attempt.
        attempt: u32,
    },
    /// An attempt failed.
    Fail {
        /// The number of the attempt.
        attempt: u32,
        /// Whether the step is retried: [`RetryPolicy::delay`](super::RetryPolicy::delay) returned a delay.
        retry: bool,
    },
    /// A worker released the unfinished step, because it shuts down.
    Release {
        /// The number of the attempt.
        attempt: u32,
    },
    /// An admin retries a dead step.
    Retry,
    /// An admin continues the job without a dead step.
    Skip,
    /// A rollback removed the effect. A skipped step keeps its state.
    Compensate,
}

/// The event is not allowed in the current state. Nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event is not allowed in the current state")]
pub struct NotAllowed;

/// The state of a job. A job has the same states as a step.
pub type JobState = StepState;

impl StepRecord {
    /// A step that has not started.
    pub const NEW: Self =
        Self { state: StepState::Pending, attempt: 0, failed_attempts: 0, lost_attempts: 0 };

    /// Returns the record after an event.
    ///
    /// # Errors
    /// [`NotAllowed`] if the state does not allow the event, or if the event comes from a superseded worker.
    pub fn after(self, event: StepEvent) -> Result<Self, NotAllowed> {
        use StepState::{Compensated, Dead, Pending, Retrying, Running, Skipped, Succeeded};
        let is_current = |attempt| self.state == Running && attempt == self.attempt;
        let to = |state| Self { state, ..self };
        match event {
            StepEvent::Begin if matches!(self.state, Pending | Retrying) => {
                Ok(Self { state: Running, attempt: self.attempt + 1, ..self })
            }
            StepEvent::Lose if self.state == Running => {
                let lost_attempts = self.lost_attempts + 1;
                let state = if lost_attempts >= MAX_LOST_ATTEMPTS { Dead } else { Retrying };
                Ok(Self { state, lost_attempts, ..self })
            }
            StepEvent::Succeed { attempt } if is_current(attempt) => Ok(to(Succeeded)),
            StepEvent::Fail { attempt, retry } if is_current(attempt) => Ok(Self {
                state: if retry { Retrying } else { Dead },
                failed_attempts: self.failed_attempts + 1,
                lost_attempts: 0,
                ..self
            }),
            StepEvent::Release { attempt } if is_current(attempt) => {
                Ok(Self { state: Retrying, lost_attempts: 0, ..self })
            }
            StepEvent::Retry if self.state == Dead => {
                Ok(Self { state: Retrying, failed_attempts: 0, lost_attempts: 0, ..self })
            }
            StepEvent::Skip if self.state == Dead => Ok(to(Skipped)),
            StepEvent::Compensate if matches!(self.state, Succeeded | Dead | Pending | Retrying) => {
                Ok(to(Compensated))
            }
            _ => Err(NotAllowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An operation in the model of the tests. The model has one external system, and workers that may be
    /// superseded at any point of probe, act and verify. `Skip` and `Compensate` are not in the model,
    /// because a skipped or compensated step cannot succeed.
    #[derive(Debug, Clone, Copy)]
    enum Operation {
        Begin,
        /// Worker number `n % workers` continues with its next call.
        Advance(usize),
        /// The lease of the current worker expires. The worker may continue.
        Lose,
        /// Worker number `n % workers` reports a failure, with or without a retry.
        Fail(usize, bool),
        Release(usize),
        Retry,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Phase {
        Probe,
        Act,
        Verify,
        Finished,
    }

    fn operations() -> impl Strategy<Value = Vec<Operation>> {
        let operation = prop_oneof![
            3 => Just(Operation::Begin),
            6 => any::<usize>().prop_map(Operation::Advance),
            2 => Just(Operation::Lose),
            2 => (any::<usize>(), any::<bool>()).prop_map(|(n, retry)| Operation::Fail(n, retry)),
            1 => any::<usize>().prop_map(Operation::Release),
            1 => Just(Operation::Retry),
        ];
        prop::collection::vec(operation, 0..80)
    }

    /// Applies the operations to a new step. Returns its record and the number of effects.
    ///
    /// The external system accepts one effect for each reference, like a system with unique names.
    /// Two workers that act at the same moment therefore create one effect.
    fn run(operations: &[Operation]) -> (StepRecord, u32) {
        let (mut record, mut effects) = (StepRecord::NEW, 0);
        let mut workers: Vec<(u32, Phase)> = Vec::new();
        for operation in operations {
            match *operation {
                Operation::Begin => {
                    if let Ok(next) = record.after(StepEvent::Begin) {
                        record = next;
                        workers.push((record.attempt, Phase::Probe));
                    }
                }
                Operation::Lose => record = record.after(StepEvent::Lose).unwrap_or(record),
                Operation::Advance(n) if !workers.is_empty() => {
                    let index = n % workers.len();
                    let worker = &mut workers[index];
                    worker.1 = match worker.1 {
                        Phase::Probe if effects > 0 => Phase::Verify,
                        Phase::Probe => Phase::Act,
                        Phase::Act => {
                            effects = effects.max(1);
                            Phase::Verify
                        }
                        Phase::Verify => {
                            record = record.after(StepEvent::Succeed { attempt: worker.0 }).unwrap_or(record);
                            Phase::Finished
                        }
                        Phase::Finished => Phase::Finished,
                    };
                }
                Operation::Fail(n, retry) if !workers.is_empty() => {
                    let index = n % workers.len();
                    let worker = &mut workers[index];
                    record = record.after(StepEvent::Fail { attempt: worker.0, retry }).unwrap_or(record);
                    worker.1 = Phase::Finished;
                }
                Operation::Release(n) if !workers.is_empty() => {
                    let index = n % workers.len();
                    let worker = &mut workers[index];
                    record = record.after(StepEvent::Release { attempt: worker.0 }).unwrap_or(record);
                    worker.1 = Phase::Finished;
                }
                Operation::Retry => record = record.after(StepEvent::Retry).unwrap_or(record),
                _ => {}
            }
        }
        (record, effects)
    }

    proptest! {
        #[test]
        fn no_sequence_succeeds_without_the_effect(operations in operations()) {
            let (record, effects) = run(&operations);
            prop_assert!(record.state != StepState::Succeeded || effects == 1);
        }

        #[test]
        fn every_step_can_be_completed(operations in operations()) {
            let (mut record, _) = run(&operations);
            // A worker that begins and finishes the step completes it, regardless of earlier events.
            for event in [StepEvent::Lose, StepEvent::Retry, StepEvent::Begin] {
                record = record.after(event).unwrap_or(record);
            }
            record = record.after(StepEvent::Succeed { attempt: record.attempt }).unwrap_or(record);
            prop_assert_eq!(record.state, StepState::Succeeded);
        }

        #[test]
        fn a_superseded_worker_writes_nothing(operations in operations(), behind in 1..5_u32) {
            let (record, _) = run(&operations);
            let attempt = record.attempt.saturating_sub(behind);
            prop_assume!(attempt != record.attempt);
            for event in [
                StepEvent::Succeed { attempt },
                StepEvent::Fail { attempt, retry: false },
                StepEvent::Release { attempt },
            ] {
                prop_assert_eq!(record.after(event), Err(NotAllowed));
            }
        }

        #[test]
        fn lost_attempts_never_exceed_the_limit(operations in operations()) {
            prop_assert!(run(&operations).0.lost_attempts <= MAX_LOST_ATTEMPTS);
        }
    }

    #[test]
    fn a_step_that_crashes_every_worker_becomes_dead() {
        let mut record = StepRecord::NEW;
        for _ in 0..MAX_LOST_ATTEMPTS {
            record = record.after(StepEvent::Begin).and_then(|record| record.after(StepEvent::Lose)).unwrap();
        }
        assert_eq!(record.state, StepState::Dead);
    }
}
