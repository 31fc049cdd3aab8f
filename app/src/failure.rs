use domain::{ErrorCode, Problem};
use leptos::server_fn::{error::FromServerFnError, error::ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::codec::JsonText;

/// Why a server function gave no answer: codes and data, never the text of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The server said why.
    Problem(Box<Problem>),
    /// The server could not be reached; what it did is unknown.
    Unreachable,
}

impl Failure {
    /// The code, where the server gave one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            Self::Unreachable => None,
        }
    }

    /// What happened, for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail(),
            Self::Unreachable => "The server cannot be reached.".into(),
        }
    }

    /// What its title is, for people.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code.entry().title,
            Self::Unreachable => "The server cannot be reached.",
        }
    }

    /// What there is to say beyond the title, and what to do next.
    pub fn explanation(&self) -> String {
        let sentence = self.sentence();
        match sentence == self.title() {
            true => self.next_step().to_owned(),
            false => format!("{sentence} {}", self.next_step()),
        }
    }

    /// What to do next, for people.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code.entry().next_step,
            Self::Unreachable => "Check the connection, then try again. Nothing is made twice.",
        }
    }

    /// Whether nobody is signed in any more.
    pub fn is_signed_out(&self) -> bool {
        self.code() == Some(ErrorCode::Unauthenticated)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Problem::from(code).into()
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        // On the server these are about what was sent, in the browser about what came back.
        #[cfg(feature = "ssr")]
        if let ServerFnErrorErr::Args(_)
        | ServerFnErrorErr::MissingArg(_)
        | ServerFnErrorErr::Deserialization(_) = error
        {
            return crate::server_context::refuse(ErrorCode::ValidationError.into());
        }
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => Self::Unreachable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => ErrorCode::ValidationError.into(),
            _ => ErrorCode::ProvisioningFailed.into(),
        }
    }
}
