//! The errors of the runner.

use std::fmt;

use database::{Loggable, is_connection_failure};
use domain::ErrorCode;

/// Why the runner could not complete an operation. Its `Debug` form is for the log.
#[derive(thiserror::Error)]
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

impl Error {
    /// Whether the error means that the database is not ready. The process logs this state once at the level
    /// `WARN`, so the workers log it only at the level `DEBUG`.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Refused(code) => *code == ErrorCode::SchemaOutOfDate,
            Self::Database(error) => {
                let sqlstate = error.as_database_error().and_then(|refusal| refusal.code());
                let code = sqlstate.map(|sqlstate| ErrorCode::from_sqlstate(&sqlstate, None));
                is_connection_failure(error) || code == Some(ErrorCode::DatabaseUnavailable)
            }
            Self::Response(_) => false,
        }
    }
}

/// Contains no values of rows.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(code) => f.debug_tuple("Refused").field(code).finish(),
            Self::Database(error) => Loggable(error).fmt(f),
            Self::Response(text) => f.debug_tuple("Response").field(text).finish(),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Response(error.to_string())
    }
}
