use domain::{member::MemberAction, tenant_form::FormValues};

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

    /// The problem of a field, if this is the form that invites.
    pub fn problem_of(&self, field: &str) -> Option<String> {
        let Failure::Problem(problem) = &self.failure else { return None };
        let problems = problem.field_problems();
        problems.into_iter().find(|problem| problem.field == field).map(|problem| problem.message)
    }
}
