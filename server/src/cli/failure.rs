use std::{error::Error as StdError, fmt};

use domain::ErrorCode;
use engine::{adoption::AdoptionError, demo::DemoError};
use private_postgres::ClusterError;

use crate::{config::ConfigProblems, installation::OpenError, telemetry::TelemetryError};

/// Why a command failed, as a message for the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Creates the failure of a server that cannot start, from all of its problems.
    pub(crate) fn cannot_start(problems: impl Iterator<Item = String>) -> Self {
        let problems: String = problems.map(|problem| format!("\n  - {problem}")).collect();
        Self(format!("the server cannot start:{problems}"))
    }

    /// Creates the failure of a command whose subject may not exist. `text` says what does not exist.
    pub(crate) fn for_missing(error: engine::Error, text: &str) -> Self {
        match error.problem().code {
            ErrorCode::ResourceNotFound => Self::new(text),
            _ => error.into(),
        }
    }

    /// The database cannot be used with the configured URLs.
    pub(crate) fn database_misconfigured(error: &engine::Error) -> Self {
        Self(format!("the database cannot be used; check DATABASE_URL{}", format_causes(error)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The message of the error code, followed by the causes of the error, which operators may see.
impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        if error.is_database_misconfigured() {
            return Self::database_misconfigured(&error);
        }
        let problem = error.problem();
        let (detail, next_step) = (problem.detail(), problem.next_step());
        Self(format!("{}: {detail} {next_step}{}", problem.code, format_causes(&error)))
    }
}

/// The message of an adoption, followed by the causes of the error, which operators may see.
impl From<AdoptionError> for Failure {
    fn from(error: AdoptionError) -> Self {
        match error {
            AdoptionError::Engine(error) if error.is_database_misconfigured() => {
                Self::database_misconfigured(&error)
            }
            error => Self(format!("{error}{}", format_causes(&error))),
        }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Engine(error) => error.into(),
            error => Self(format!("{error}{}", format_causes(&error))),
        }
    }
}

/// The causes of an error, one per line. A cause that repeats the text of its own cause is left out.
fn format_causes(error: &(dyn StdError + 'static)) -> String {
    let causes: Vec<_> =
        std::iter::successors(error.source(), |&error| error.source()).map(ToString::to_string).collect();
    let repeats_next = |index: usize| causes.get(index + 1).is_some_and(|next| causes[index].ends_with(next));
    let distinct = causes.iter().enumerate().filter(|(index, _)| !repeats_next(*index));
    distinct.map(|(_, cause)| format!("\n  caused by: {cause}")).collect()
}

macro_rules! from_display {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        })+
    };
}

from_display!(ConfigProblems, OpenError, TelemetryError, ClusterError, std::io::Error, serde_json::Error);
