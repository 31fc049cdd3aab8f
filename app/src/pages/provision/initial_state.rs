use domain::{FieldProblem, provisioning::Draft};
use serde::{Deserialize, Serialize};

use crate::{Failure, browser::new_key, server_fns::ProvisionOutcome};

/// The initial state of the form, which the server and the hydrating browser share.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct InitialState {
    pub key: String,
    pub draft: Draft,
    pub posted_result: Option<PostedResult>,
}

/// The result of a form that was posted without JavaScript.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum PostedResult {
    Provisioned(Box<ProvisionOutcome>),
    /// Some fields are invalid.
    Invalid(Vec<FieldProblem>),
    Refused(Failure),
}

impl InitialState {
    /// The posted draft, or a new draft with a new key.
    #[cfg(feature = "ssr")]
    pub fn from_request() -> Self {
        use leptos::prelude::use_context;
        let Some(crate::FormResult::Provision { draft, key, result }) = use_context() else {
            return Self { key: new_key(), ..Self::default() };
        };
        let posted_result = match result {
            Ok(outcome) => PostedResult::Provisioned(outcome),
            Err(problem) if !problem.errors.is_empty() => PostedResult::Invalid(problem.errors),
            Err(problem) => PostedResult::Refused(Failure::Problem(problem)),
        };
        Self { key, draft: *draft, posted_result: Some(posted_result) }
    }

    /// A new draft with a new key. Used only if the browser renders the page without the server, after
    /// navigation from another page.
    #[cfg(not(feature = "ssr"))]
    pub fn from_request() -> Self {
        Self { key: new_key(), ..Self::default() }
    }
}
