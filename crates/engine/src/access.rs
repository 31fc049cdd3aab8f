//! Who may enter: passwords, sign-in, sessions, admin tokens, one-time links. Roles come from
//! `employees` alone, on every request (SPEC sections 4 and 10).

mod employee;
mod first_admin;
mod invitation;
mod password;
mod session;
mod sign_in;
mod token;

pub use employee::{NewEmployee, create_employee};
pub use first_admin::{accept_first_admin, first_admin_link_is_good, issue_first_admin_link};
pub use invitation::{Invitation, accept_invitation, open_invitation};
pub use session::{AskedBy, end_session, find_session};
pub use sign_in::sign_in;
pub use token::{IssuedToken, create_token, find_token};

use domain::{ErrorCode, Role, email::Email};
use uuid::Uuid;

use crate::Error;

/// An employee on whose behalf a request runs, as the database knows them at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub employee_id: Uuid,
    pub name: String,
    pub role: Role,
}

impl Principal {
    fn from_row(employee_id: Uuid, name: String, role: &str) -> Result<Self, Error> {
        let role = Role::from_text(role).ok_or_else(|| Error::Answer(format!("role {role}")))?;
        Ok(Self { employee_id, name, role })
    }

    /// Refuses who may not make tenants.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn require_provisioning(&self) -> Result<(), Error> {
        if self.role.may_provision() { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
    }
}

/// Reads an e-mail address; a domain that is not ASCII is converted as IDNA 2008 says (UTS 46).
///
/// # Errors
/// The rule that the text breaks.
pub fn parse_email(text: &str) -> Result<Email, domain::email::EmailProblem> {
    Email::parse(text, idn_to_ascii)
}

/// The ASCII form of an international domain, if it has one.
pub fn idn_to_ascii(domain: &str) -> Option<String> {
    idna::domain_to_ascii_strict(domain).ok()
}
