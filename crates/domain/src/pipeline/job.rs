use super::{FailureKind, MAX_TRIES};
use crate::StepState;

/// What is on record of a step: enough to say what may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRecord {
    pub state: StepState,
    /// Counts how often it was begun. Whoever writes names it, and an older number writes nothing.
    pub attempt: u32,
    /// How many of its tries are used up; at most [`MAX_TRIES`].
    pub tries: u32,
}

/// Something that happens to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A worker begins it, or takes it over from one whose lease has ended.
    Begin,
    Succeed {
        attempt: u32,
    },
    Fail {
        attempt: u32,
        kind: FailureKind,
    },
    /// Given back undone: the worker stops, or the connector's breaker is open. Uses up no try.
    Release {
        attempt: u32,
    },
    /// An admin has it tried again, with all its tries.
    Retry,
    /// An admin does without it.
    Skip,
    /// Its effect was undone.
    Undo,
}

/// The event cannot follow from the present state; nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cannot follow from the present state")]
pub struct NotAllowed;

/// Where a job stands, which is where its steps stand.
pub type JobState = StepState;

impl StepRecord {
    /// A step that waits for its turn.
    pub const NEW: Self = Self { state: StepState::Pending, attempt: 0, tries: 0 };

    /// Whether nothing but an admin changes it.
    pub fn is_settled(self) -> bool {
        !matches!(self.state, StepState::Pending | StepState::Running | StepState::Retrying)
    }

    /// What stands there after an event.
    ///
    /// # Errors
    /// [`NotAllowed`], also for a worker that was overtaken.
    pub fn after(self, event: Event) -> Result<Self, NotAllowed> {
        use StepState::{Compensated, Dead, Pending, Retrying, Running, Skipped, Succeeded};
        let is_mine = |attempt| self.state == Running && attempt == self.attempt;
        let to = |state| Self { state, ..self };
        match event {
            // One that was begun too often without an end has killed its workers.
            Event::Begin if self.tries >= MAX_TRIES && self.state == Running => Ok(to(Dead)),
            Event::Begin if matches!(self.state, Pending | Retrying | Running) => {
                Ok(Self { state: Running, attempt: self.attempt + 1, tries: self.tries + 1 })
            }
            Event::Succeed { attempt } if is_mine(attempt) => Ok(to(Succeeded)),
            Event::Fail { attempt, kind } if is_mine(attempt) => {
                let again = kind != FailureKind::Permanent && self.tries < MAX_TRIES;
                Ok(to(if again { Retrying } else { Dead }))
            }
            Event::Release { attempt } if is_mine(attempt) => {
                Ok(Self { state: Retrying, tries: self.tries.saturating_sub(1), ..self })
            }
            Event::Retry if self.state == Dead => Ok(Self { state: Retrying, tries: 0, ..self }),
            Event::Skip if self.state == Dead => Ok(to(Skipped)),
            Event::Undo if matches!(self.state, Succeeded | Dead | Pending | Retrying | Skipped) => {
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

    /// An outside system, and workers that may be overtaken at any point of probe, act, verify.
    #[derive(Debug, Clone, Copy)]
    enum DeadStepAction {
        Begin,
        /// Worker number `n % workers` goes on with what it does.
        GoOn(usize),
        /// … and fails there in this way, its answer lost or not.
        Break(usize, FailureKind),
        Release(usize),
        Retry,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Point {
        Probe,
        Act,
        Verify,
        Gone,
    }

    fn deeds() -> impl Strategy<Value = Vec<DeadStepAction>> {
        let kind = prop_oneof![
            Just(FailureKind::Transient),
            Just(FailureKind::TimedOut),
            Just(FailureKind::Permanent),
        ];
        let deed = prop_oneof![
            3 => Just(DeadStepAction::Begin),
            6 => any::<usize>().prop_map(DeadStepAction::GoOn),
            2 => (any::<usize>(), kind).prop_map(|(n, kind)| DeadStepAction::Break(n, kind)),
            1 => any::<usize>().prop_map(DeadStepAction::Release),
            1 => Just(DeadStepAction::Retry),
        ];
        prop::collection::vec(deed, 0..80)
    }

    /// The outside system takes an effect under our reference once; that is what probing relies on
    /// where two workers act at the same moment (a name, a key, a unique code).
    fn run(deeds: &[DeadStepAction]) -> (StepRecord, u32) {
        let (mut record, mut effects) = (StepRecord::NEW, 0);
        let mut workers: Vec<(u32, Point)> = Vec::new();
        for deed in deeds {
            match *deed {
                DeadStepAction::Begin => {
                    if let Ok(next) = record.after(Event::Begin) {
                        record = next;
                        if record.state == StepState::Running {
                            workers.push((record.attempt, Point::Probe));
                        }
                    }
                }
                DeadStepAction::GoOn(n) if !workers.is_empty() => {
                    let place = n % workers.len();
                    let worker = &mut workers[place];
                    worker.1 = match worker.1 {
                        Point::Probe if effects > 0 => Point::Verify,
                        Point::Probe => Point::Act,
                        Point::Act => {
                            effects = effects.max(1);
                            Point::Verify
                        }
                        Point::Verify => {
                            record = record.after(Event::Succeed { attempt: worker.0 }).unwrap_or(record);
                            Point::Gone
                        }
                        Point::Gone => Point::Gone,
                    };
                }
                DeadStepAction::Break(n, kind) if !workers.is_empty() => {
                    let place = n % workers.len();
                    let worker = &mut workers[place];
                    record = record.after(Event::Fail { attempt: worker.0, kind }).unwrap_or(record);
                    worker.1 = Point::Gone;
                }
                DeadStepAction::Release(n) if !workers.is_empty() => {
                    let place = n % workers.len();
                    let worker = &mut workers[place];
                    record = record.after(Event::Release { attempt: worker.0 }).unwrap_or(record);
                    worker.1 = Point::Gone;
                }
                DeadStepAction::Retry => record = record.after(Event::Retry).unwrap_or(record),
                _ => {}
            }
        }
        (record, effects)
    }

    proptest! {
        #[test]
        fn no_sequence_leads_to_success_without_the_effect(deeds in deeds()) {
            let (record, effects) = run(&deeds);
            prop_assert!(record.state != StepState::Succeeded || effects == 1);
        }

        #[test]
        fn no_sequence_loses_a_step(deeds in deeds()) {
            let (mut record, _) = run(&deeds);
            // Whatever happened: workers that begin it and do their work bring it to an end.
            for _ in 0..=MAX_TRIES {
                if record.state == StepState::Dead {
                    record = record.after(Event::Retry).unwrap();
                }
                if record.is_settled() {
                    break;
                }
                record = record.after(Event::Begin).unwrap();
                record = record.after(Event::Succeed { attempt: record.attempt }).unwrap_or(record);
            }
            prop_assert_eq!(record.state, StepState::Succeeded);
        }

        #[test]
        fn who_was_overtaken_writes_nothing(deeds in deeds(), behind in 1..5_u32) {
            let (record, _) = run(&deeds);
            let attempt = record.attempt.saturating_sub(behind);
            prop_assume!(attempt != record.attempt);
            for event in [
                Event::Succeed { attempt },
                Event::Fail { attempt, kind: FailureKind::Permanent },
                Event::Release { attempt },
            ] {
                prop_assert_eq!(record.after(event), Err(NotAllowed));
            }
        }

        #[test]
        fn tries_are_bounded(deeds in deeds()) {
            prop_assert!(run(&deeds).0.tries <= MAX_TRIES);
        }
    }

    #[test]
    fn a_step_that_kills_each_of_its_workers_dies() {
        let mut record = StepRecord::NEW;
        for _ in 0..=MAX_TRIES {
            record = record.after(Event::Begin).unwrap();
        }
        assert_eq!(record.state, StepState::Dead);
    }
}
