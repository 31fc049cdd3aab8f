//! The errors of the runner.

use domain::ErrorCode;

/// Why the runner could not complete an operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operation is not possible. The code is the reason.
    #[error("refused: {0}")]
    Refused(ErrorCode),
    /// The database failed, or one of its functions raised an error: `TN404` if there is no such job,
    /// `TN409` if the state of the job does not allow the operation.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The database returned a value that this version does not understand.
    #[error("unexpected response from the database: {0}")]
    Response(String),
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Response(error.to_string())
    }
}
