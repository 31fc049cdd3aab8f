use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whether a connector is used (SPEC section 6). Shared by all workers through the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// It is used.
    Closed,
    /// It is left alone until its time is up.
    Open,
    /// One step tries it; the others wait for what that finds.
    HalfOpen,
}

/// A breaker: how many failures in a row open it, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker;

impl Breaker {
    /// Failures in a row that open it.
    pub const THRESHOLD: u32 = 5;
    /// How long it stays open before one step may try.
    pub const PAUSE: Duration = Duration::from_secs(30);
}

impl BreakerState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::HalfOpen].into_iter().find(|state| state.as_str() == text)
    }
}
