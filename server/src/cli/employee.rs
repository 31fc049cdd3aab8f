//! The input that commands about employees share.

use std::io::Read;

use clap::Args;
use domain::{Role, access::EmployeeSummary, password::Password};
use engine::{
    Engine,
    access::{find_employee_by_email, parse_email},
};

use super::Failure;

/// The option that names an employee.
#[derive(Debug, Args)]
pub(crate) struct EmployeeOption {
    /// The e-mail address of the employee
    #[arg(long)]
    email: String,
}

impl EmployeeOption {
    /// Returns the employee.
    pub(crate) async fn find(&self, engine: &Engine) -> Result<EmployeeSummary, Failure> {
        find_by_email(engine, &self.email).await
    }
}

/// Returns the employee with this e-mail address.
pub(crate) async fn find_by_email(engine: &Engine, email: &str) -> Result<EmployeeSummary, Failure> {
    let address = parse_email(email).map_err(|problem| Failure::new(format!("--email: {problem}")))?;
    let found = find_employee_by_email(engine, &address).await;
    found.map_err(|error| Failure::for_missing(error, &format!("no employee has the e-mail address {email}")))
}

/// Reads a password from standard input, without the final line break.
pub(crate) fn read_password(context: &[&str]) -> Result<Password, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(4096).read_to_string(&mut text)?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    Password::parse(text, context)
        .map_err(|problem| Failure::new(format!("the password on standard input is not valid: {problem}")))
}

/// Parses a role of the command line.
pub(crate) fn parse_role(text: &str) -> Result<Role, String> {
    Role::from_text(text).ok_or_else(|| "the role must be SUPER_ADMIN, ADMIN or VIEWER".to_owned())
}
