use domain::{Problem, sign_up::SignUpInput};
use serde::{Deserialize, Serialize};

/// The initial state of the form, which the server and the hydrating browser share.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct InitialState {
    /// Whether people can sign up.
    pub is_open: bool,
    /// Whether an admin approves each sign-up.
    pub needs_approval: bool,
    pub input: SignUpInput,
    pub posted: SubmittedForm,
}

/// The result of the form that was posted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) enum SubmittedForm {
    #[default]
    Nothing,
    /// A mail is on its way.
    Sent,
    /// The mail is sent again, if the address has a sign-up.
    SentAgain,
    Refused(Box<Problem>),
    /// Sending the mail again was refused.
    ResendRefused(Box<Problem>),
}

impl InitialState {
    #[cfg(feature = "ssr")]
    pub fn from_request() -> Self {
        use domain::sign_up::SignUpMode;
        use leptos::prelude::use_context;

        let console: Option<crate::Console> = use_context();
        let mode = console.map_or(SignUpMode::Off, |console| console.engine.sign_up().mode);
        let (input, posted) = match use_context() {
            Some(crate::FormResult::SignUp { input, is_resend, result }) => {
                let posted = match (result, is_resend) {
                    (Ok(()), false) => SubmittedForm::Sent,
                    (Ok(()), true) => SubmittedForm::SentAgain,
                    (Err(problem), false) => SubmittedForm::Refused(problem),
                    (Err(problem), true) => SubmittedForm::ResendRefused(problem),
                };
                (input, posted)
            }
            _ => Default::default(),
        };
        Self { is_open: mode.is_open(), needs_approval: mode == SignUpMode::Approval, input, posted }
    }

    /// No other page leads to this one without loading it from the server.
    #[cfg(not(feature = "ssr"))]
    pub fn from_request() -> Self {
        Self::default()
    }
}
