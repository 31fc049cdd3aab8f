use std::time::Duration;

use super::FailureKind;

/// How many attempts of a step may fail before the step becomes a dead letter. Released attempts do not
/// count.
pub const MAX_ATTEMPTS: u32 = 5;

const FIRST_DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(60);

/// Returns how long to wait before the next attempt, or `None` if the step must not be retried.
/// `counted_attempts` includes the attempt that failed.
///
/// The delay doubles from 1 s up to 60 s. `jitter`, from 0 to 1, shortens the delay by up to half, so that
/// jobs that failed together do not retry together. The delay is never shorter than the pause that the
/// external system asked for.
pub fn retry_delay(kind: FailureKind, counted_attempts: u32, jitter: f64) -> Option<Duration> {
    if kind == FailureKind::Permanent || counted_attempts >= MAX_ATTEMPTS {
        return None;
    }
    let doubled =
        FIRST_DELAY.saturating_mul(2_u32.saturating_pow(counted_attempts.saturating_sub(1))).min(MAX_DELAY);
    let delay = doubled.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0);
    Some(match kind {
        FailureKind::Throttled { wait } => wait.max(delay),
        _ => delay,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn delays_double_from_one_second() {
        let delays: Vec<_> =
            (1..=MAX_ATTEMPTS).map(|attempts| retry_delay(FailureKind::Transient, attempts, 0.0)).collect();
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(delays, [seconds(1), seconds(2), seconds(4), seconds(8), None]);
    }

    #[test]
    fn a_permanent_failure_is_not_retried() {
        assert_eq!(retry_delay(FailureKind::Permanent, 1, 0.5), None);
    }

    #[test]
    fn a_requested_pause_is_respected() {
        let wait = Duration::from_secs(30);
        assert_eq!(retry_delay(FailureKind::Throttled { wait }, 1, 1.0), Some(wait));
    }

    proptest! {
        #[test]
        fn a_delay_is_between_half_a_second_and_one_minute(attempts in 1..MAX_ATTEMPTS, jitter in -1.0..2.0f64) {
            let delay = retry_delay(FailureKind::TimedOut, attempts, jitter).unwrap();
            prop_assert!(delay >= Duration::from_millis(500) && delay <= Duration::from_secs(60));
        }
    }
}
