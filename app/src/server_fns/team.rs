//! The team page: the employees, the admin tokens and the sessions of the signed-in employee.

#[cfg(feature = "ssr")]
mod change;
#[cfg(feature = "ssr")]
mod content;

mod types;

use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use self::change::{TeamOutcome, save_team_form};
pub use self::types::{TeamContent, TeamResult};
use crate::{Failure, codec::Json};

/// The content of the team page. `employees` and `tokens` are the cursors of the pages, or empty.
///
/// # Errors
/// `UNAUTHENTICATED`; `VALIDATION_ERROR` for an invalid cursor; or an error of the database.
#[server(prefix = "/api/fn", endpoint = "open_team", input = Json, output = Json)]
pub async fn open_team(employees: String, tokens: String) -> Result<TeamContent, Failure> {
    content::read(&employees, &tokens).await
}
