use std::{error::Error as _, fmt};

use domain::ErrorCode;
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

    /// The database refuses connections with the configured URL.
    pub(crate) fn database_refused(error: &engine::Error) -> Self {
        Self(format!("the database refuses the connection; check DATABASE_URL{}", format_causes(error)))
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
        let problem = error.problem();
        let entry = problem.code.entry();
        Self(format!("{}: {} {}{}", problem.code, problem.detail(), entry.next_step, format_causes(&error)))
    }
}

/// The causes of an error, one per line.
fn format_causes(error: &engine::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  caused by: {error}"));
        cause = error.source();
    }
    text
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
