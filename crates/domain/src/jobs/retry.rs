use std::time::Duration;

use super::FailureKind;

/// The number of consecutive lost attempts after which a step becomes dead, because the step itself may crash
/// its workers. The SQL function `record_lost_attempt` contains the same number.
pub const MAX_LOST_ATTEMPTS: u32 = 5;

/// At the end of the retry period, a step becomes dead only if it failed at least this many times, because it
/// may have waited for its connector during most of the period.
const MIN_FAILED_ATTEMPTS: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(60);

/// The failed attempts of a step since it first started, or since an admin retried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureSeries {
    /// The number of failed attempts, including the latest one.
    pub attempts: u32,
    /// The time from the first failure to the latest one.
    pub duration: Duration,
}

/// When a failed step is retried, and when it becomes dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How long after its first failure a step is retried.
    pub period: Duration,
}

impl Default for RetryPolicy {
    /// Retries for 30 minutes, so that a restart of an external system does not need an admin.
    fn default() -> Self {
        Self { period: Duration::from_secs(30 * 60) }
    }
}

impl RetryPolicy {
    /// Returns how long to wait before the next attempt, or `None` if the step must not be retried: a retry
    /// cannot help, or the period is over and the step has failed at least five times.
    ///
    /// The delay doubles from 1 s up to 60 s. `jitter`, from 0 to 1, shortens the delay by up to half, so
    /// that jobs that failed together do not retry together. The delay is never shorter than the pause that
    /// the external system asked for.
    pub fn delay(&self, kind: FailureKind, failures: FailureSeries, jitter: f64) -> Option<Duration> {
        let has_ended = failures.duration >= self.period && failures.attempts >= MIN_FAILED_ATTEMPTS;
        if kind == FailureKind::Permanent || has_ended {
            return None;
        }
        let doublings = failures.attempts.saturating_sub(1);
        let doubled = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(doublings)).min(MAX_DELAY);
        let delay = doubled.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0);
        Some(match kind {
            FailureKind::Throttled { wait } => wait.max(delay),
            _ => delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn delay(kind: FailureKind, attempts: u32, jitter: f64) -> Option<Duration> {
        let failures = FailureSeries { attempts, duration: SECOND };
        RetryPolicy::default().delay(kind, failures, jitter)
    }

    #[test]
    fn delays_double_from_one_second_to_one_minute() {
        let delays: Vec<_> =
            (1..=8).filter_map(|attempts| delay(FailureKind::Transient, attempts, 0.0)).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60].map(Duration::from_secs));
    }

    #[test]
    fn a_step_is_retried_for_30_minutes_after_its_first_failure() {
        let policy = RetryPolicy::default();
        let minutes = |minutes| FailureSeries { attempts: 40, duration: SECOND * 60 * minutes };
        assert_eq!(policy.delay(FailureKind::TimedOut, minutes(29), 0.0), Some(SECOND * 60));
        assert_eq!(policy.delay(FailureKind::TimedOut, minutes(30), 0.0), None);
    }

    #[test]
    fn a_step_that_waited_for_the_whole_period_is_retried() {
        let failures = FailureSeries { attempts: 2, duration: SECOND * 3600 };
        assert!(RetryPolicy::default().delay(FailureKind::Transient, failures, 0.0).is_some());
    }

    /// Whether a step survives an outage of this length.
    fn survives(outage: Duration) -> bool {
        let policy = RetryPolicy::default();
        let (mut elapsed, mut attempts) = (Duration::ZERO, 1);
        while elapsed < outage {
            let failures = FailureSeries { attempts, duration: elapsed };
            let Some(delay) = policy.delay(FailureKind::Transient, failures, 1.0) else { return false };
            elapsed += delay;
            attempts += 1;
        }
        true
    }

    #[test]
    fn an_outage_of_40_seconds_or_5_minutes_does_not_make_a_step_dead() {
        assert!(survives(SECOND * 40) && survives(SECOND * 300) && !survives(SECOND * 3600));
    }

    #[test]
    fn a_permanent_failure_is_not_retried() {
        assert_eq!(delay(FailureKind::Permanent, 1, 0.5), None);
    }

    #[test]
    fn a_requested_pause_is_respected() {
        let wait = Duration::from_secs(300);
        assert_eq!(delay(FailureKind::Throttled { wait }, 1, 1.0), Some(wait));
    }

    proptest! {
        #[test]
        fn a_delay_is_between_half_a_second_and_one_minute(attempts in 1..100_u32, jitter in -1.0..2.0f64) {
            let delay = delay(FailureKind::TimedOut, attempts, jitter).unwrap();
            prop_assert!(delay >= Duration::from_millis(500) && delay <= Duration::from_secs(60));
        }
    }
}
