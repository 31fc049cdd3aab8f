use std::{error::Error as _, fmt};

use private_postgres::ClusterError;

use crate::{config::ConfigProblems, installation::OpenError, telemetry::StartError};

/// Why a command did not do what it should: sentences for the operator's terminal.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The code's sentences, and the cause below them: who runs commands may see it.
impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        let problem = error.problem();
        let entry = problem.code.entry();
        let mut text = format!("{}: {} {}", problem.code, problem.detail(), entry.next_step);
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!("\n  caused by: {error}"));
            cause = error.source();
        }
        Self(text)
    }
}

macro_rules! told_as_it_is {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        })+
    };
}

told_as_it_is!(ConfigProblems, OpenError, StartError, ClusterError, std::io::Error, serde_json::Error);
