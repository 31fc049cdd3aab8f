use domain::{ErrorCode, Problem};

/// Why the engine could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A refusal that is fit to be told as it is.
    #[error("refused: {}", .0.code)]
    Refused(Box<Problem>),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("the migrations failed")]
    Migrations(#[from] sqlx::migrate::MigrateError),
    /// The database rejected the function of a migration.
    #[error("the database function {name} could not be applied")]
    Function { name: &'static str, source: sqlx::Error },
    /// The database returned a value that this version does not understand.
    #[error("unexpected response from the database: {0}")]
    UnexpectedResponse(String),
    #[error("password hashing failed: {0}")]
    Hashing(String),
}

impl Error {
    /// What may be told outside: a code and structured data, never the cause's text.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.as_ref().clone(),
            Self::Database(error) => database_problem(error),
            Self::Migrations(sqlx::migrate::MigrateError::Execute(error)) => database_problem(error),
            Self::Migrations(_) | Self::Function { .. } => ErrorCode::SchemaOutOfDate.into(),
            Self::UnexpectedResponse(_) | Self::Hashing(_) => ErrorCode::ProvisioningFailed.into(),
        }
    }

    /// What may be told outside, after the cause of a fault went to the log. Called once, where
    /// the error leaves the program. An unforeseen fault gets a reference that finds its cause.
    pub fn report(&self) -> Problem {
        let problem = self.problem();
        if matches!(self, Self::Refused(_)) {
            return problem;
        }
        let reference = uuid::Uuid::now_v7();
        tracing::error!(%reference, code = %problem.code, error = ?self, "a request failed");
        let unforeseen = problem.code.entry().status == 500;
        Problem { reference: unforeseen.then_some(reference), ..problem }
    }

    /// Whether the connection broke, so that nobody knows yet what the database did. Waiting in
    /// vain for a connection is not that: nothing was asked, and seconds have passed already.
    pub(crate) fn is_lost_connection(&self) -> bool {
        let waited = matches!(self, Self::Database(sqlx::Error::PoolTimedOut));
        !waited
            && matches!(self, Self::Database(error) if database_problem(error).code == ErrorCode::DatabaseUnavailable)
    }
}

impl Error {
    /// Whether the server refuses every connection until the configuration is corrected: authentication
    /// failed, or the database does not exist.
    pub fn is_connection_refused_by_server(&self) -> bool {
        let (Self::Database(error) | Self::Migrations(sqlx::migrate::MigrateError::Execute(error))) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| code.starts_with("28") || code.starts_with("3D"))
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
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => ErrorCode::DatabaseUnavailable.into(),
        _ => ErrorCode::ProvisioningFailed.into(),
    }
}
