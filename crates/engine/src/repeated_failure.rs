use domain::ErrorCode;

use crate::Error;

/// A failure that repeats until its cause is gone. It is logged once, and again when its code changes.
#[derive(Debug, Default)]
pub(crate) struct RepeatedFailure(Option<ErrorCode>);

impl RepeatedFailure {
    pub(crate) fn report(&mut self, error: &Error, message: &str) {
        let code = error.problem().code;
        if self.0.replace(code) != Some(code) {
            tracing::warn!(%code, ?error, "{message}; retrying");
        }
    }

    /// Ends the failure, and returns whether it was reported.
    pub(crate) fn end(&mut self) -> bool {
        self.0.take().is_some()
    }
}
