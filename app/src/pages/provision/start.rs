use domain::{FieldProblem, provisioning::Draft};
use serde::{Deserialize, Serialize};

use crate::{Failure, browser::new_key, server_fns::Made};

/// How the page begins: the same on the server and in the browser that takes over.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Start {
    pub key: String,
    pub draft: Draft,
    pub end: Option<End>,
}

/// What a form that was posted without scripting ended with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum End {
    Made(Box<Made>),
    /// Fields at fault: back to the form.
    Faults(Vec<FieldProblem>),
    Refused(Failure),
}

impl Start {
    /// A new draft with a key of its own, or what was posted.
    #[cfg(feature = "ssr")]
    pub fn of_request() -> Self {
        use leptos::prelude::use_context;
        let Some(crate::FormResult::Provision { draft, key, result }) = use_context() else {
            return Self { key: new_key(), ..Self::default() };
        };
        let end = match result {
            Ok(made) => End::Made(made),
            Err(problem) if !problem.errors.is_empty() => End::Faults(problem.errors),
            Err(problem) => End::Refused(Failure::Problem(problem)),
        };
        Self { key, draft: *draft, end: Some(end) }
    }

    /// Only where the page is first rendered by the browser: coming from another page.
    #[cfg(not(feature = "ssr"))]
    pub fn of_request() -> Self {
        Self { key: new_key(), ..Self::default() }
    }
}
