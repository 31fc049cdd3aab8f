//! Authentication and roles: passwords, sign-in, sessions, admin tokens, one-time links, and who may manage
//! them. Every request reads the role from `employees` (docs/specification.md, sections 4 and 10).

mod actor;
mod address_change;
mod audit;
mod built_in;
mod caller;
mod change_password;
mod client_address;
mod creation;
mod employee;
mod event_streams;
mod expiry;
mod first_admin;
mod invitation;
mod password;
mod password_reset;
mod person;
mod session;
mod setup_link;
mod sign_in;
mod throttle;
mod throttle_limits;
mod token;

pub(crate) use audit::{AuditActor, AuditedChange, connector_change, tenant_change};
pub use caller::Caller;
pub(crate) use expiry::delete_expired;

pub(crate) use password::hash as hash_password;
pub(crate) use session::open_session;
pub(crate) use throttle::{begin_attempt, count_attempt};
pub use throttle_limits::Throttle;
pub(crate) use throttle_limits::{INVITATION, account_hashes};

pub use actor::Actor;
pub(crate) use actor::{find_active_employee, lock_access};
pub(crate) use address_change::end_account_links;
pub use address_change::{
    AddressChange, AddressConfirmation, NewAddress, cancel_address_change, confirm_address_change,
    find_address_change, request_address_change,
};
pub(crate) use built_in::find_built_in_employee;
pub use change_password::{PasswordChange, change_password, reset_password};
pub use client_address::with_client_address;
pub(crate) use client_address::{client_address, keep_client_address};
pub use creation::CreationOutcome;
pub use employee::{
    EmployeeUpdate, InvitedEmployee, Invitee, NewEmployee, create_employee, find_employee_by_email,
    invite_employee, invite_employee_once, list_employees, renew_setup_link, revoke_employee_invitation,
    update_employee,
};
pub use event_streams::{EventStreamLimit, EventStreamPermit};
pub use first_admin::{accept_first_admin, is_first_admin_link_valid, issue_first_admin_link};
pub(crate) use invitation::record_other_joins;
pub use invitation::{Invitation, InvitationLink, accept_invitation, find_invitation, join_tenant};
pub use password_reset::{
    PasswordReset, find_password_reset, request_password_reset, reset_password_with_link, send_password_reset,
};
pub use person::{Account, Person};
pub use session::{
    end_all_sessions, end_other_sessions, end_session, end_session_by_id, find_session, list_own_sessions,
    list_sessions, record_sign_in,
};
pub use setup_link::{SetupLink, SetupLinkToken, accept_setup_link, find_setup_link};
pub use sign_in::sign_in;
pub use token::{
    FormerToken, IssuedToken, NewToken, TokenBearer, authenticate_token, create_token, create_token_once,
    find_token, list_tokens, revoke_token,
};

use domain::{
    ErrorCode, Role,
    email::{Email, EmailProblem},
};
use uuid::Uuid;

use crate::Error;

/// The employee on whose behalf a call runs, with the current role from the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employee {
    /// The ID of the employee.
    pub id: Uuid,
    /// The name, for the audit log.
    pub name: String,
    /// The role.
    pub role: Role,
}

impl Employee {
    fn from_row(id: Uuid, name: String, role: &str) -> Result<Self, Error> {
        let role = Role::from_text(role).ok_or_else(|| Error::unexpected("role", role))?;
        Ok(Self { id, name, role })
    }

    /// Checks that the role may provision tenants.
    ///
    /// # Errors
    /// `FORBIDDEN` if the role may not.
    pub fn require_provisioning(&self) -> Result<(), Error> {
        if self.role.may_provision() { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
    }
}

/// Parses an e-mail address. Converts an international domain to ASCII (IDNA 2008, UTS 46).
///
/// # Errors
/// The rule that the text violates.
pub fn parse_email(text: &str) -> Result<Email, EmailProblem> {
    Email::parse(text, idn_to_ascii)
}

/// Returns the ASCII form of an international domain, or `None` if the domain is invalid. Also checks what
/// the `xn--` labels of an ASCII domain encode.
pub fn idn_to_ascii(domain: &str) -> Option<String> {
    idna::domain_to_ascii_strict(domain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_with_an_encoded_label_must_be_valid_idna() {
        for (text, address) in [
            ("max@XN--BCHER-KVA.Example", "max@xn--bcher-kva.example"),
            ("max@bu\u{308}cher.example", "max@xn--bcher-kva.example"),
        ] {
            assert_eq!(parse_email(text).unwrap().address(), address);
        }
        // Empty, a control character, not Punycode, ASCII only, and not in NFC.
        for label in ["xn--", "xn--a", "xn--99999999", "xn--ascii-", "xn--u-ccb"] {
            for domain in
                [format!("{label}.example"), format!("mail.{label}"), format!("bücher.{label}.example")]
            {
                let problem = parse_email(&format!("max@{domain}")).unwrap_err();
                assert_eq!(problem, EmailProblem::DomainInternational, "{domain}");
            }
        }
    }
}
