use std::fmt;

use database::{Loggable, is_connection_failure};
use domain::{ErrorCode, Problem};
use sqlx::migrate::MigrateError;

use crate::schema::MissingRole;

/// Why a call of the engine failed. Its `Debug` form is for the log.
#[derive(thiserror::Error)]
pub enum Error {
    /// The request was refused. The problem is shown to the client.
    #[error("refused: {}", .0.code)]
    Refused(Box<Problem>),
    /// The database cannot be reached or rejected a statement.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A versioned migration failed, or its content changed after it ran.
    #[error("the migrations failed")]
    Migrations(#[from] MigrateError),
    /// The roles of row level security are missing.
    #[error("a database role is missing")]
    MissingRole(#[from] MissingRole),
    /// The database rejected an SQL function.
    #[error("the database function {name} could not be applied")]
    Function {
        /// The name of the function.
        name: &'static str,
        /// The error of the database.
        source: sqlx::Error,
    },
    /// The database returned a value that this version does not understand.
    #[error("unexpected response from the database: {0}")]
    UnexpectedResponse(String),
    /// A password could not be hashed or verified. The text is the cause.
    #[error("password hashing failed: {0}")]
    Hashing(String),
}

/// A value in JSON that this version does not understand.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::UnexpectedResponse(error.to_string())
    }
}

impl Error {
    /// A value of the database that this version does not understand. `name` says what the value should be.
    pub(crate) fn unexpected(name: &str, value: impl fmt::Display) -> Self {
        Self::UnexpectedResponse(format!("{name} {value}"))
    }

    /// Returns the problem for the client: a code and structured data, without the text of the cause.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.as_ref().clone(),
            Self::Database(error) => database_problem(error),
            Self::Migrations(MigrateError::Execute(error)) => match database_problem(error) {
                // For example, the role may not create the schema.
                problem if problem.code == ErrorCode::ProvisioningFailed => ErrorCode::SchemaOutOfDate.into(),
                problem => problem,
            },
            Self::Migrations(_) | Self::MissingRole(_) | Self::Function { .. } => {
                ErrorCode::SchemaOutOfDate.into()
            }
            Self::UnexpectedResponse(_) | Self::Hashing(_) => ErrorCode::ProvisioningFailed.into(),
        }
    }

    /// Logs the cause of a failure and returns the problem for the client. Call this once for each error,
    /// where the error is converted to a response. The problem of an unexpected failure contains a reference
    /// to the log entry.
    pub fn report(&self) -> Problem {
        let problem = self.problem();
        if matches!(self, Self::Refused(_)) {
            return problem;
        }
        let reference = uuid::Uuid::now_v7();
        tracing::error!(%reference, code = %problem.code, error = ?self, "a request failed");
        let is_unexpected = problem.code.entry().status == 500;
        Problem { reference: is_unexpected.then_some(reference), ..problem }
    }

    /// Whether the connection was lost, so that the outcome of the statement is unknown. A timeout of the
    /// pool is not a lost connection, because no statement was sent.
    pub(crate) fn is_lost_connection(&self) -> bool {
        let is_pool_timeout = matches!(self, Self::Database(sqlx::Error::PoolTimedOut));
        !is_pool_timeout
            && matches!(self, Self::Database(error) if database_problem(error).code == ErrorCode::DatabaseUnavailable)
    }

    /// Whether no connection can be used until the configuration is corrected: the authentication failed, the
    /// database does not exist, or the server is a [`database::UnusableServer`].
    pub fn is_database_misconfigured(&self) -> bool {
        let (Self::Database(error) | Self::Migrations(MigrateError::Execute(error))) = self else {
            return false;
        };
        let code = error.as_database_error().and_then(|error| error.code());
        matches!(error, sqlx::Error::Configuration(_))
            || code.is_some_and(|code| code.starts_with("28") || code.starts_with("3D"))
    }
}

/// Contains no values of rows, and only the code of a refusal, because the other data may be personal.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, cause): (_, &dyn fmt::Debug) = match self {
            Self::Refused(problem) => ("Refused", &problem.code),
            Self::Database(error) => return Loggable(error).fmt(f),
            Self::Migrations(MigrateError::Execute(error)) => ("Migrations", &Loggable(error)),
            Self::Migrations(MigrateError::ExecuteMigration(error, version)) => {
                ("Migrations", &(version, Loggable(error)))
            }
            Self::Migrations(error) => ("Migrations", error),
            Self::MissingRole(missing) => ("MissingRole", missing),
            Self::Function { name, source } => ("Function", &(name, Loggable(source))),
            Self::UnexpectedResponse(text) => ("UnexpectedResponse", text),
            Self::Hashing(text) => ("Hashing", text),
        };
        f.debug_tuple(name).field(cause).finish()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Problem::from(code).into()
    }
}

impl From<jobs::Error> for Error {
    fn from(error: jobs::Error) -> Self {
        match error {
            jobs::Error::Refused(code) => code.into(),
            jobs::Error::Database(error) => Self::Database(error),
            jobs::Error::Response(text) => Self::UnexpectedResponse(text),
        }
    }
}

fn database_problem(error: &sqlx::Error) -> Problem {
    match error {
        sqlx::Error::Database(refusal) => {
            let constraint = refusal.constraint();
            let code = match refusal.code().as_deref() {
                Some("TN404") => ErrorCode::ResourceNotFound,
                Some("TN409") => ErrorCode::InvalidTransition,
                Some(state) => ErrorCode::from_sqlstate(state, constraint),
                None => ErrorCode::ProvisioningFailed,
            };
            Problem { constraint: constraint.map(str::to_owned), ..code.into() }
        }
        sqlx::Error::Configuration(_) => ErrorCode::DatabaseUnavailable.into(),
        error if is_connection_failure(error) => ErrorCode::DatabaseUnavailable.into(),
        _ => ErrorCode::ProvisioningFailed.into(),
    }
}
