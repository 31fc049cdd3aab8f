use domain::{
    StepState,
    history::{StepAttempt, StepDetail},
    pipeline::{Step, UsualTime},
};

/// What past runs say about the time that is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Remaining {
    pub ms: f64,
    /// How many runs that is taken from.
    pub runs: u32,
    /// The step that runs takes longer than in 19 of 20 runs.
    pub is_late: bool,
}

/// None where a step that is to come never ran before, or none is to come.
pub(super) fn remaining(steps: &[StepDetail], usual: &[UsualTime], now: i64) -> Option<Remaining> {
    let mut left: Option<Remaining> = None;
    for step in steps {
        let waits = match step.state {
            StepState::Pending => 0,
            StepState::Running => 0,
            StepState::Retrying => step.due_at.map_or(0, |due| (due.0 - now).max(0)),
            _ => continue,
        };
        let known = Step::from_text(&step.name)?;
        let usual = usual.iter().find(|usual| usual.step == known)?;
        let elapsed = match step.attempts.first() {
            Some(attempt) if step.state == StepState::Running => {
                elapsed_ms(attempt, Some(now)).unwrap_or(0.0)
            }
            _ => 0.0,
        };
        let so_far = left.unwrap_or(Remaining { ms: 0.0, runs: u32::MAX, is_late: false });
        left = Some(Remaining {
            ms: so_far.ms + waits as f64 + (usual.median_ms - elapsed).max(0.0),
            runs: so_far.runs.min(usual.runs),
            is_late: so_far.is_late || elapsed > usual.p95_ms,
        });
    }
    left
}

/// How long an attempt took, or has been running; none where the time is not known.
pub(super) fn elapsed_ms(attempt: &StepAttempt, now: Option<i64>) -> Option<f64> {
    let end = attempt.finished_at.map(|at| at.0).or(now)?;
    Some((end - attempt.started_at.0).max(0) as f64)
}

impl Remaining {
    /// As people say it: a guess is not told to the millisecond.
    pub fn words(self) -> String {
        let runs = match self.runs {
            1 => "1 past run".to_owned(),
            runs => format!("median of {runs} past runs"),
        };
        let seconds = (self.ms / 1_000.0).round() as u64;
        match seconds {
            _ if self.is_late => "longer than usual already".to_owned(),
            0 => format!("less than a second left ({runs})"),
            1..90 => format!("about {seconds} s left ({runs})"),
            _ => format!("about {} min left ({runs})", (seconds + 30) / 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn step(step: Step, state: StepState, started: Option<i64>) -> StepDetail {
        let attempt = |at| StepAttempt {
            number: 1,
            started_at: Timestamp(at),
            finished_at: None,
            outcome: None,
            code: None,
            message: None,
        };
        StepDetail {
            name: step.as_str().to_owned(),
            state,
            tries: 0,
            due_at: None,
            reference: None,
            may_skip: false,
            attempts: started.map(attempt).into_iter().collect(),
        }
    }

    fn usual(step: Step, median_ms: f64) -> UsualTime {
        UsualTime { step, runs: 20, median_ms, p95_ms: 2.0 * median_ms }
    }

    #[test]
    fn what_is_left_is_the_steps_to_come_and_the_rest_of_the_one_that_runs() {
        let steps = [
            step(Step::CopyDatabase, StepState::Running, Some(1_000)),
            step(Step::UpsertBridgeMetadata, StepState::Skipped, None),
            step(Step::Finalize, StepState::Pending, None),
        ];
        let usual = [usual(Step::CopyDatabase, 3_000.0), usual(Step::Finalize, 500.0)];
        let left = remaining(&steps, &usual, 2_000).unwrap();
        assert_eq!((left.ms, left.runs, left.is_late), (2_500.0, 20, false));
        assert!(remaining(&steps, &usual, 8_000).unwrap().is_late);
    }

    #[test]
    fn a_wait_for_the_next_try_counts() {
        let waits = StepDetail {
            due_at: Some(Timestamp(9_000)),
            ..step(Step::CopyDatabase, StepState::Retrying, None)
        };
        let left = remaining(&[waits], &[usual(Step::CopyDatabase, 3_000.0)], 5_000).unwrap();
        assert_eq!(left.words(), "about 7 s left (median of 20 past runs)");
    }

    #[test]
    fn nothing_is_guessed_without_past_runs() {
        let steps = [step(Step::CopyDatabase, StepState::Pending, None)];
        assert_eq!(remaining(&steps, &[usual(Step::Finalize, 1.0)], 0), None);
        assert_eq!(remaining(&[], &[], 0), None);
    }
}
