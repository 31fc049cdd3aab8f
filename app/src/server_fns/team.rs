//! The team page: the employees, the admin tokens and the sessions of the signed-in employee.

#[cfg(feature = "ssr")]
mod change;
#[cfg(feature = "ssr")]
mod content;

use domain::{
    Role, Timestamp,
    access::{EmployeeSummary, SessionSummary, TeamAction, TokenSummary},
    tenant_form::FormValues,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use self::change::{TeamOutcome, save_team_form};
use crate::{Failure, codec::Json};

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
    /// The result of a form post, if the page is its response.
    pub result: Option<TeamResult>,
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

/// A token or a setup link that was just created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedSecret {
    /// What created the secret.
    pub action: TeamAction,
    /// The name of the token or the employee.
    pub name: String,
    /// The secret, which is shown once. `None` if an earlier post of the same form has shown it.
    pub secret: Option<String>,
    /// When the secret expires.
    pub expires_at: Option<Timestamp>,
}

/// The content of the team page. `employees` and `tokens` are the cursors of the pages, or empty.
///
/// # Errors
/// `UNAUTHENTICATED`; `VALIDATION_ERROR` for an invalid cursor; or an error of the database.
#[server(prefix = "/api/fn", endpoint = "open_team", input = Json, output = Json)]
pub async fn open_team(employees: String, tokens: String) -> Result<TeamContent, Failure> {
    content::read(&employees, &tokens).await
}
