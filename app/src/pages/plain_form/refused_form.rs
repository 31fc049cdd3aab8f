use domain::{Problem, tenant_form::FormValues};

use crate::{Failure, codec::from_json, server_fns::PostedForm};

/// A form with an action that was refused.
#[derive(Debug, Clone)]
pub(in crate::pages) struct RefusedForm {
    pub values: FormValues,
    pub failure: Failure,
}

impl RefusedForm {
    /// Reads a [`PostedForm`]. `None` if no form was posted.
    pub fn read(json: &str) -> Option<Self> {
        let PostedForm { values, failure, .. } = from_json(json).ok()?;
        Some(Self { values, failure })
    }

    /// The name of the action, or empty.
    pub fn action(&self) -> &str {
        self.values.get("action").unwrap_or_default()
    }

    /// The text of a field as it was typed, or empty.
    pub fn value(&self, name: &str) -> String {
        self.values.get(name).unwrap_or_default().to_owned()
    }

    pub fn problem(&self) -> Option<Problem> {
        match &self.failure {
            Failure::Problem(problem) => Some(Problem::clone(problem)),
            Failure::Unreachable => None,
        }
    }
}
