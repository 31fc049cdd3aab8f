use std::time::Duration;

use super::FailureKind;

/// How often a step is tried before it is a dead letter (SPEC section 6).
pub const MAX_TRIES: u32 = 5;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait after the `tries`-th try failed; none when it is not tried again. Doubles from
/// 1 s to 60 s. `jitter`, from 0 to 1, takes away up to half of it, so that many that failed
/// together do not come back together. Never shorter than what the other side asked for.
pub fn delay(kind: FailureKind, tries: u32, jitter: f64) -> Option<Duration> {
    if kind == FailureKind::Permanent || tries >= MAX_TRIES {
        return None;
    }
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1))).min(LONGEST);
    let waited = doubled.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0);
    Some(match kind {
        FailureKind::Throttled { wait } => wait.max(waited),
        _ => waited,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_waits_double_from_one_second() {
        let waits: Vec<_> = (1..=MAX_TRIES).map(|tries| delay(FailureKind::Transient, tries, 0.0)).collect();
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(waits, [seconds(1), seconds(2), seconds(4), seconds(8), None]);
    }

    #[test]
    fn what_will_stay_is_not_tried_again() {
        assert_eq!(delay(FailureKind::Permanent, 1, 0.5), None);
    }

    #[test]
    fn what_the_other_side_asks_for_is_kept() {
        let wait = Duration::from_secs(30);
        assert_eq!(delay(FailureKind::Throttled { wait }, 1, 1.0), Some(wait));
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_a_minute_or_shorter_than_half_a_second(tries in 1..MAX_TRIES, jitter in -1.0..2.0f64) {
            let wait = delay(FailureKind::TimedOut, tries, jitter).unwrap();
            prop_assert!(wait >= Duration::from_millis(500) && wait <= Duration::from_secs(60));
        }
    }
}
