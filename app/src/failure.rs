use domain::{ErrorCode, Problem};
use leptos::server_fn::{error::FromServerFnError, error::ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::codec::JsonText;

/// The error of a server function: codes and data, never the text of an internal error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The server reported a problem.
    Problem(Box<Problem>),
    /// The server did not respond, so the outcome of the call is not known.
    Unreachable,
}

impl Failure {
    /// The error code, if the server reported one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            Self::Unreachable => None,
        }
    }

    /// The error code on screen. `UNREACHABLE` if the server reported none.
    pub fn code_text(&self) -> &'static str {
        self.code().map_or("UNREACHABLE", ErrorCode::as_str)
    }

    /// The title on screen: what happened, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code.entry().title,
            Self::Unreachable => "The server cannot be reached.",
        }
    }

    /// What happened, in detail.
    pub fn detail(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail(),
            Self::Unreachable => self.title().to_owned(),
        }
    }

    /// The text below the title: details, and what to do next.
    pub fn explanation(&self) -> String {
        let detail = self.detail();
        match detail == self.title() {
            true => self.next_step().to_owned(),
            false => format!("{detail} {}", self.next_step()),
        }
    }

    /// What to do next.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code.entry().next_step,
            Self::Unreachable => "Check your connection, then try again. No tenant is created twice.",
        }
    }

    /// Whether the session has ended.
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
        // On the server, these errors concern the request. In the browser, they concern the response.
        #[cfg(feature = "ssr")]
        if let ServerFnErrorErr::Args(_)
        | ServerFnErrorErr::MissingArg(_)
        | ServerFnErrorErr::Deserialization(_) = error
        {
            let problem = Problem::from(ErrorCode::ValidationError);
            crate::response::set_problem(&problem);
            return problem.into();
        }
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => Self::Unreachable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => ErrorCode::ValidationError.into(),
            _ => ErrorCode::ProvisioningFailed.into(),
        }
    }
}
