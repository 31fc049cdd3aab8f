use std::process::ExitCode;

use clap::Args;
use domain::{
    Role,
    access::{EmployeeStatus, EmployeeSummary},
};
use engine::{
    Engine,
    access::{Actor, EmployeeUpdate, update_employee},
};

use crate::cli::{
    Failure,
    employee::{EmployeeOption, parse_role},
    output,
};

/// Disable an employee: end all sessions, and revoke the tokens that the employee created
///
/// Takes effect immediately, also in running servers. The last SUPER_ADMIN with a password cannot be
/// disabled.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry admin disable --email ada@example.com")]
pub(crate) struct Disable {
    #[command(flatten)]
    employee: EmployeeOption,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Allow a disabled employee to sign in again, with the same password; tokens stay revoked
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry admin enable --email ada@example.com")]
pub(crate) struct Enable {
    #[command(flatten)]
    employee: EmployeeOption,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Change the role of an employee; takes effect immediately
///
/// A lower role also lowers the role of the tokens that the employee created. The role of the last
/// SUPER_ADMIN with a password cannot be changed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry admin role --email ada@example.com --role VIEWER")]
pub(crate) struct ChangeRole {
    #[command(flatten)]
    employee: EmployeeOption,
    /// SUPER_ADMIN, ADMIN or VIEWER
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Disable {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let update = EmployeeUpdate { status: Some(EmployeeStatus::Disabled), role: None };
        run(engine, &self.employee, update, self.json).await
    }
}

impl Enable {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let update = EmployeeUpdate { status: Some(EmployeeStatus::Active), role: None };
        run(engine, &self.employee, update, self.json).await
    }
}

impl ChangeRole {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let update = EmployeeUpdate { role: Some(self.role), status: None };
        run(engine, &self.employee, update, self.json).await
    }
}

async fn run(
    engine: &Engine,
    employee: &EmployeeOption,
    update: EmployeeUpdate,
    json: bool,
) -> Result<ExitCode, Failure> {
    let found = employee.find(engine).await?;
    let employee = update_employee(engine, &Actor::Operator, found.id, update).await?;
    if json {
        output::print_json(&employee)?;
    } else {
        output::print(describe(&employee))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether the employee can sign in now, and if not, why.
fn describe(employee: &EmployeeSummary) -> String {
    let EmployeeSummary { name, email, role, .. } = employee;
    match employee.status {
        EmployeeStatus::Disabled => format!("{name} <{email}> cannot sign in."),
        EmployeeStatus::Active if employee.has_password => format!("{name} <{email}> can sign in as {role}."),
        EmployeeStatus::Active => format!(
            "{name} <{email}> has the role {role}, but no password to sign in with yet. \
             Set one with `tenantry admin password --email {email}`."
        ),
    }
}
