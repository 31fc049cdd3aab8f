use std::time::Duration;

use domain::sign_up::SignUpMode;

use crate::access::Throttle;

const HOUR: Duration = Duration::from_secs(3600);

/// Who may sign up, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignUpSettings {
    /// Who may sign up.
    pub mode: SignUpMode,
    /// How often.
    pub limits: SignUpLimits,
}

/// How often a stranger may use the calls of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignUpLimits {
    /// Sign-ups.
    pub(super) requests: Throttle,
    /// Mails that are sent again.
    pub(super) resends: Throttle,
    /// Checks of a slug, by network only.
    pub(super) slug_checks: Throttle,
}

impl Default for SignUpSettings {
    fn default() -> Self {
        Self { mode: SignUpMode::Off, limits: SignUpLimits::default() }
    }
}

impl Default for SignUpLimits {
    fn default() -> Self {
        let requests = Throttle {
            purpose: "sign_up",
            period: HOUR,
            pair_limit: 5,
            network_limit: 30,
            account_limit: 10,
        };
        Self {
            requests,
            resends: Throttle { purpose: "sign_up_resend", pair_limit: 3, account_limit: 5, ..requests },
            slug_checks: Throttle {
                purpose: "sign_up_slug",
                period: Duration::from_secs(300),
                pair_limit: 120,
                network_limit: 120,
                account_limit: i64::MAX,
            },
        }
    }
}

impl SignUpLimits {
    /// Limits that no call reaches, for measurements.
    pub fn unlimited() -> Self {
        let lift = |throttle| Throttle {
            pair_limit: i64::MAX,
            network_limit: i64::MAX,
            account_limit: i64::MAX,
            ..throttle
        };
        let Self { requests, resends, slug_checks } = Self::default();
        Self { requests: lift(requests), resends: lift(resends), slug_checks: lift(slug_checks) }
    }
}
