use domain::{Problem, member::MemberAction, tenant_form::FormValues};

use crate::{Failure, codec::from_json, server_fns::PostedForm};

/// A form that was refused.
#[derive(Debug, Clone)]
pub(super) struct RefusedForm {
    pub action: Option<MemberAction>,
    pub values: FormValues,
    pub failure: Failure,
}

impl RefusedForm {
    pub fn read(json: &str) -> Option<Self> {
        let PostedForm { values, failure, .. } = from_json(json).ok()?;
        let action = values.get("action").and_then(MemberAction::from_text);
        Some(Self { action, values, failure })
    }

    pub fn problem(&self) -> Option<Problem> {
        match &self.failure {
            Failure::Problem(problem) => Some(Problem::clone(problem)),
            Failure::Unreachable => None,
        }
    }
}
