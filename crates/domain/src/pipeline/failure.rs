use std::time::Duration;

use crate::ErrorCode;

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// It may pass: refused connections, 5xx, a busy template, a lost answer.
    Transient,
    /// No answer in time; what it did is not known.
    TimedOut,
    /// It told how long to wait (429 with `Retry-After`).
    Throttled { wait: Duration },
    /// It will stay: 4xx, wrong credentials, something there that is not ours.
    Permanent,
}

/// Why a step did not do its work. The message is for admins: sanitised, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StepFailure {
    pub kind: FailureKind,
    pub message: String,
}

impl StepFailure {
    /// One that may pass by itself.
    pub fn transient(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Transient, message: message.into() }
    }

    /// One that will stay until somebody does something.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Permanent, message: message.into() }
    }

    /// No answer in time.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::TimedOut, message: message.into() }
    }

    /// The code for the record (SPEC section 5).
    pub fn code(&self) -> ErrorCode {
        match self.kind {
            FailureKind::TimedOut => ErrorCode::ConnectorTimeout,
            _ => ErrorCode::ConnectorFailed,
        }
    }

    /// Whether it says that the connector itself is in trouble, for its breaker.
    pub fn counts_for_breaker(&self) -> bool {
        matches!(self.kind, FailureKind::Transient | FailureKind::TimedOut)
    }
}
