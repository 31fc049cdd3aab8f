//! Employees who are persons: creating, listing, and changing the role and the status.

mod create;
mod list;
mod setup;
mod update;

pub use create::{Invitee, NewEmployee, create_employee, invite_employee, invite_employee_once};
pub use list::{find_employee_by_email, list_employees};
pub use setup::{InvitedEmployee, renew_setup_link, revoke_employee_invitation};
pub use update::{EmployeeUpdate, update_employee};

pub(super) use create::{Person, insert_employee, record_created};
pub(super) use list::find_employee;
