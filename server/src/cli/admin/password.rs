use std::process::ExitCode;

use clap::Args;
use engine::{Engine, access::reset_password};

use crate::cli::{
    Failure,
    employee::{EmployeeOption, read_password},
    output,
};

/// Set the password of an employee; the password is read from standard input
///
/// All sessions of the employee end, and the setup link no longer works.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf %s \"$PASSWORD\" | tenantry admin password --email ada@example.com"
)]
pub(crate) struct SetPassword {
    #[command(flatten)]
    employee: EmployeeOption,
}

impl SetPassword {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let employee = self.employee.find(engine).await?;
        let password = read_password(&[&employee.email, &employee.name])?;
        reset_password(engine, employee.id, &password).await?;
        output::print(format!("The password of {} <{}> is set.", employee.name, employee.email))?;
        Ok(ExitCode::SUCCESS)
    }
}
