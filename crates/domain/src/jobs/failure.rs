use std::time::Duration;

use super::BreakerSignal;
use crate::ErrorCode;

/// Whether a retry can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// A retry may succeed: refused connection, 5xx, template in use, lost response.
    Transient,
    /// The external system did not respond in time, or responded with 408. The effect may exist.
    TimedOut,
    /// The external system asked for a pause: 429, or 503 with `Retry-After`.
    Throttled {
        /// How long the system asked to wait.
        wait: Duration,
    },
    /// A retry cannot succeed: a redirect, any other 4xx, wrong credentials, or a resource that belongs to
    /// another request.
    Permanent,
}

/// Why a step failed. The message is shown to admins and must not contain secrets, tokens or response
/// bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StepFailure {
    /// Whether a retry can help.
    pub kind: FailureKind,
    /// The cause, for admins.
    pub message: String,
}

impl StepFailure {
    /// A failure that a retry may resolve.
    pub fn transient(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Transient, message: message.into() }
    }

    /// A failure that lasts until an admin fixes its cause.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Permanent, message: message.into() }
    }

    /// The external system did not respond in time.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::TimedOut, message: message.into() }
    }

    /// The error code stored with the attempt: `CONNECTOR_TIMEOUT` or `CONNECTOR_FAILED`.
    pub fn code(&self) -> ErrorCode {
        match self.kind {
            FailureKind::TimedOut => ErrorCode::ConnectorTimeout,
            _ => ErrorCode::ConnectorFailed,
        }
    }

    /// What this failure of a call shows about the external system.
    pub fn breaker_signal(&self) -> BreakerSignal {
        match self.kind {
            FailureKind::Transient | FailureKind::TimedOut => BreakerSignal::Unavailable,
            FailureKind::Permanent => BreakerSignal::Responded,
            FailureKind::Throttled { .. } => BreakerSignal::Inconclusive,
        }
    }
}
