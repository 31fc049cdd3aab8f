//! Summaries of employees, admin tokens and sessions for lists (`docs/specification.md`, sections 8 and 10).

mod device;
mod scope;
mod team_action;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{FieldProblem, Role, Timestamp, invitation::InvitationStatus, text_form::text_enum};

pub use self::{
    device::device_name,
    scope::{ApiScope, parse_scopes},
    team_action::TeamAction,
};

/// How many active admin tokens a person may have, including tokens that were created with these tokens.
pub const MAX_ACTIVE_TOKENS: u16 = 20;
/// How many open event streams a person may have, including those of the person's tokens.
pub const MAX_EVENT_STREAMS: u16 = 8;
/// How many days an admin token may be valid.
pub const TOKEN_DAYS: RangeInclusive<u16> = 1..=3650;
/// How many days an admin token is valid unless its creator chooses another number.
pub const DEFAULT_TOKEN_DAYS: u16 = 90;

text_enum! {
    /// Whether an employee may sign in.
    EmployeeStatus {
        /// The employee may sign in.
        Active = "active",
        /// The employee may not sign in, and has neither sessions nor tokens.
        Disabled = "disabled",
    }
}

text_enum! {
    /// Whether an admin token can be used.
    TokenStatus {
        /// The token can be used.
        Active = "active",
        /// The token has expired.
        Expired = "expired",
        /// An employee or an operator revoked the token.
        Revoked = "revoked",
    }
}

/// The ID and the name of an employee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmployeeName {
    /// The employee's ID.
    pub id: Uuid,
    /// The employee's name.
    pub name: String,
}

/// A person who uses the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EmployeeSummary {
    /// The employee's ID.
    pub id: Uuid,
    /// The employee's name.
    pub name: String,
    /// The e-mail address to sign in with.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Whether the employee may sign in.
    pub status: EmployeeStatus,
    /// Whether the employee has chosen a password.
    pub has_password: bool,
    /// The invitation of an employee who has not chosen a password; null for other employees.
    pub invitation: Option<SetupInvitation>,
    /// How many sessions the employee has.
    pub sessions: u32,
    /// How many active tokens the employee has created, including those that were created with these tokens.
    pub tokens: u32,
    /// When the employee signed in for the last time or, if later, last used one of the sessions that have not
    /// ended.
    pub last_seen_at: Option<Timestamp>,
    /// When the employee was created.
    pub created_at: Timestamp,
}

/// The invitation of an employee, without its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SetupInvitation {
    /// Whether the link can be used.
    pub status: InvitationStatus,
    /// When the link was sent; null after its record was deleted.
    pub sent_at: Option<Timestamp>,
    /// When the link expires or has expired; null after its record was deleted.
    pub expires_at: Option<Timestamp>,
}

/// An admin token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenSummary {
    /// The token's ID.
    pub id: Uuid,
    /// The name of the token, which the history shows.
    pub name: String,
    /// The role of calls with the token.
    pub role: Role,
    /// What the token may do; null if only the role limits it.
    pub scopes: Option<Vec<ApiScope>>,
    /// Whether the token can be used.
    pub status: TokenStatus,
    /// Who created the token; null for an operator.
    pub created_by: Option<EmployeeName>,
    /// When the token was created.
    pub created_at: Timestamp,
    /// When the token expires.
    pub expires_at: Timestamp,
    /// When the token was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When the token was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionSummary {
    /// The session's ID.
    pub id: Uuid,
    /// Who is signed in.
    pub employee: EmployeeName,
    /// When the employee signed in.
    pub created_at: Timestamp,
    /// When the session was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When the session ends, even if it is in use.
    pub expires_at: Timestamp,
    /// The browser and the system with which the employee signed in, as far as they are known.
    pub device: Option<String>,
    /// The network address from which the employee signed in, as far as it is known.
    pub client_address: Option<String>,
    /// Whether the list was requested with this session.
    pub is_current: bool,
}

/// Parses a role.
///
/// # Errors
/// The problem of the field `role`.
pub fn parse_role(text: &str) -> Result<Role, FieldProblem> {
    Role::from_text(text).ok_or_else(|| invalid("role", "Choose a role: SUPER_ADMIN, ADMIN or VIEWER."))
}

/// Parses the status of an employee.
///
/// # Errors
/// The problem of the field `status`.
pub fn parse_employee_status(text: &str) -> Result<EmployeeStatus, FieldProblem> {
    EmployeeStatus::from_text(text).ok_or_else(|| invalid("status", "Choose a status: active or disabled."))
}

/// Checks how many days a token is valid.
///
/// # Errors
/// The problem of the field `days`.
pub fn parse_token_days(days: u64) -> Result<u16, FieldProblem> {
    let message = "Enter a whole number of days from 1 to 3650.";
    u16::try_from(days)
        .ok()
        .filter(|days| TOKEN_DAYS.contains(days))
        .ok_or_else(|| FieldProblem::new("days", "out_of_range", message))
}

fn invalid(field: &str, message: &str) -> FieldProblem {
    FieldProblem::new(field, "invalid", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_names_the_limits() {
        let (api, operations) =
            (include_str!("../../../docs/API.md"), include_str!("../../../docs/OPERATIONS.md"));
        assert!(api.contains(&format!("A person can have {MAX_ACTIVE_TOKENS} active tokens")));
        assert!(operations.contains(&format!("| active admin tokens of a person | {MAX_ACTIVE_TOKENS} |")));
        assert!(api.contains(&format!("A person can have {MAX_EVENT_STREAMS} open streams")));
        let streams = "| open event streams of a person, in all servers together |";
        assert!(operations.contains(&format!("{streams} {MAX_EVENT_STREAMS} |")));
    }

    #[test]
    fn a_token_is_valid_for_1_to_3650_days() {
        for (days, expected) in [(1, Some(1)), (3650, Some(3650)), (0, None), (3651, None), (65_537, None)] {
            assert_eq!(parse_token_days(days).ok(), expected, "{days}");
        }
    }
}
