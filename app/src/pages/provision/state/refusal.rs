//! Marks the fields that the server has refused.

use domain::{ErrorCode, Problem};
use leptos::prelude::*;

use super::FormState;
use crate::pages::{
    availability_status::{email_taken, slug_taken},
    value_check::CheckResult,
};

impl FormState {
    /// Marks the refused fields. Returns false if the problem does not concern fields.
    pub(in super::super) fn mark_refused(self, problem: &Problem) -> bool {
        let problems = problem.field_problems();
        if problems.is_empty() {
            return false;
        }
        match problem.code {
            ErrorCode::DuplicateSlug => self.slug_check.set(CheckResult {
                status: slug_taken(problem.conflict.as_ref(), problem.earlier_tenant.as_deref()),
                suggestions: problem.suggestions.clone(),
            }),
            ErrorCode::EmailUnavailable => self.email_check.set(CheckResult {
                status: email_taken(problem.conflict.as_ref(), problem.email_reason),
                suggestions: Vec::new(),
            }),
            _ => {}
        }
        self.refused.set(Some(problem.clone()));
        self.problems.set(problems);
        true
    }
}
