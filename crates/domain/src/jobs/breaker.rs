use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The state of a connector's circuit breaker. All workers share it through the database.
///
/// ```mermaid
/// stateDiagram-v2
///     [*] --> closed
///     closed --> open: 5 failures in a row
///     open --> half_open: the pause is over, one step tests the connector
///     half_open --> closed: the test reaches the connector
///     half_open --> open: the test fails
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Steps use the connector.
    Closed,
    /// Steps wait and use up no attempts.
    Open,
    /// One step tests the connector; the other steps wait for its result.
    HalfOpen,
}

/// The limits of a circuit breaker. The SQL function `record_breaker_failure` contains the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker;

impl Breaker {
    /// The number of consecutive failures that opens the breaker.
    pub const THRESHOLD: u32 = 5;
    /// How long the breaker stays open before one step tests the connector.
    pub const PAUSE: Duration = Duration::from_secs(30);
}

impl BreakerState {
    /// The state as the database and the API spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// Reads the spelling of [`as_str`](Self::as_str).
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::HalfOpen].into_iter().find(|state| state.as_str() == text)
    }
}
