use std::time::Duration;

use crate::text_form::text_enum;

text_enum! {
    /// The state of a connector's circuit breaker. All workers share it through the database.
    ///
    /// ```mermaid
    /// stateDiagram-v2
    ///     [*] --> closed
    ///     closed --> open: 5 counted failures without a success
    ///     open --> half_open: the pause is over, one step tests the connector
    ///     half_open --> closed: the test succeeds, or its step fails permanently
    ///     half_open --> open: its step fails temporarily, or the test ends without a result
    /// ```
    BreakerState {
        /// Steps use the connector.
        Closed = "closed",
        /// Steps wait. Waiting does not count as an attempt.
        Open = "open",
        /// One step tests the connector; the other steps wait for its result.
        HalfOpen = "half_open",
    }
}

text_enum! {
    /// What a failed step shows about the external system of its connector.
    BreakerSignal {
        /// The external system is not available. Counts as a failure.
        Unavailable = "unavailable",
        /// The external system responded, but the step failed permanently. Closes a half-open breaker.
        Responded = "responded",
        /// The external system asked for a pause or was not called. Not counted, but opens a half-open
        /// breaker again.
        Inconclusive = "inconclusive",
    }
}

/// The limits of a circuit breaker. The SQL function `record_breaker_failure` contains the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerLimits;

impl BreakerLimits {
    /// The number of counted failures since the last success that opens the breaker.
    pub const THRESHOLD: u32 = 5;
    /// How long the breaker stays open before one step tests the connector.
    pub const PAUSE: Duration = Duration::from_secs(30);
}
