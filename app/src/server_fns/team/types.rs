use domain::{
    Role,
    access::{EmployeeSummary, SessionSummary, TokenSummary},
    tenant_form::FormValues,
};
use serde::{Deserialize, Serialize};

use crate::{Failure, issued_secret::IssuedSecret};

/// What the team page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamContent {
    /// The ID of the signed-in employee.
    pub own_id: String,
    /// The role of the signed-in employee.
    pub role: Role,
    /// One page of the employees, newest first. Empty if the role may not see them.
    pub employees: Vec<EmployeeSummary>,
    /// The cursor of the next page of employees, or empty.
    pub next_employees: String,
    /// One page of the tokens that the employee may see, newest first.
    pub tokens: Vec<TokenSummary>,
    /// The cursor of the next page of tokens, or empty.
    pub next_tokens: String,
    /// The employee's own sessions, newest first.
    pub sessions: Vec<SessionSummary>,
    /// The idempotency key of the forms that create an employee or a token.
    pub key: String,
    /// The result of a form post, if the page is its response: a [`TeamResult`] as JSON, or empty. Only the part
    /// that shows the result reads it.
    pub result: String,
}

/// The result of a form post that the page shows once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamResult {
    /// The form was refused.
    Refused {
        /// The texts as typed.
        values: FormValues,
        /// Why nothing was changed.
        failure: Failure,
    },
    /// The form created a secret.
    Issued(IssuedSecret),
}
