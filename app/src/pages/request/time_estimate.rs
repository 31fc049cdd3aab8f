use domain::{
    StepState,
    history::{StepAttempt, StepDetail},
    pipeline::{Step, TypicalDuration},
};

use crate::ui::past_runs_text;

/// The estimated remaining time of a job, from past runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TimeEstimate {
    pub ms: f64,
    /// The number of past runs behind the estimate.
    pub runs: u32,
    /// Whether the running step takes longer than in 95 % of past runs.
    pub is_late: bool,
}

/// Estimates the remaining time. Returns `None` if no step remains, or if a remaining step has no past runs.
pub(super) fn estimate_remaining(
    steps: &[StepDetail],
    typical_durations: &[TypicalDuration],
    now: i64,
) -> Option<TimeEstimate> {
    let mut total: Option<TimeEstimate> = None;
    for step in steps {
        let wait = match step.state {
            StepState::Running => 0,
            StepState::Pending | StepState::Retrying => step.due_at.map_or(0, |due| (due.0 - now).max(0)),
            _ => continue,
        };
        let known = Step::from_text(&step.name)?;
        let typical = typical_durations.iter().find(|typical| typical.step == known)?;
        let elapsed = match step.attempts.first() {
            Some(attempt) if step.state == StepState::Running => {
                elapsed_ms(attempt, Some(now)).unwrap_or(0.0)
            }
            _ => 0.0,
        };
        let so_far = total.unwrap_or(TimeEstimate { ms: 0.0, runs: u32::MAX, is_late: false });
        total = Some(TimeEstimate {
            ms: so_far.ms + wait as f64 + (typical.median_ms - elapsed).max(0.0),
            runs: so_far.runs.min(typical.runs),
            is_late: so_far.is_late || elapsed > typical.p95_ms,
        });
    }
    total
}

/// The duration of an attempt until its end or until `now`. Returns `None` if neither is known.
pub(super) fn elapsed_ms(attempt: &StepAttempt, now: Option<i64>) -> Option<f64> {
    let end = attempt.finished_at.map(|at| at.0).or(now)?;
    Some((end - attempt.started_at.0).max(0) as f64)
}

impl TimeEstimate {
    /// The estimate as a sentence, rounded to seconds or minutes.
    pub fn sentence(self) -> String {
        let runs = past_runs_text(self.runs);
        let seconds = (self.ms / 1_000.0).round() as u64;
        match seconds {
            _ if self.is_late => "The running step takes longer than usual.".to_owned(),
            0 => format!("Less than a second left ({runs})."),
            1..90 => format!("About {seconds} s left ({runs})."),
            _ => format!("About {} min left ({runs}).", (seconds + 30) / 60),
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
            attempt_count: 0,
            wait_code: None,
            due_at: None,
            reference: None,
            may_skip: false,
            attempts: started.map(attempt).into_iter().collect(),
        }
    }

    fn typical(step: Step, median_ms: f64) -> TypicalDuration {
        TypicalDuration { step, runs: 20, median_ms, p95_ms: 2.0 * median_ms }
    }

    #[test]
    fn the_estimate_adds_pending_steps_and_the_rest_of_the_running_step() {
        let steps = [
            step(Step::CopyDatabase, StepState::Running, Some(1_000)),
            step(Step::UpsertBridgeMetadata, StepState::Skipped, None),
            step(Step::Finalize, StepState::Pending, None),
        ];
        let typical = [typical(Step::CopyDatabase, 3_000.0), typical(Step::Finalize, 500.0)];
        let remaining = estimate_remaining(&steps, &typical, 2_000).unwrap();
        assert_eq!((remaining.ms, remaining.runs, remaining.is_late), (2_500.0, 20, false));
        assert!(estimate_remaining(&steps, &typical, 8_000).unwrap().is_late);
    }

    #[test]
    fn the_estimate_includes_the_delay_before_a_retry() {
        let retrying = StepDetail {
            due_at: Some(Timestamp(9_000)),
            ..step(Step::CopyDatabase, StepState::Retrying, None)
        };
        let remaining =
            estimate_remaining(&[retrying], &[typical(Step::CopyDatabase, 3_000.0)], 5_000).unwrap();
        assert_eq!(remaining.sentence(), "About 7 s left (median of 20 past runs).");
    }

    #[test]
    fn without_past_runs_there_is_no_estimate() {
        let steps = [step(Step::CopyDatabase, StepState::Pending, None)];
        assert_eq!(estimate_remaining(&steps, &[typical(Step::Finalize, 1.0)], 0), None);
        assert_eq!(estimate_remaining(&[], &[], 0), None);
    }
}
