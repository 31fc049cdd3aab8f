use std::process::ExitCode;

use clap::Args;
use domain::{Role, field::parse_line, provisioning::MAX_NAME};
use engine::{
    Engine,
    access::{NewEmployee, create_employee, parse_email},
};
use serde_json::json;

use crate::cli::{
    Failure,
    employee::{parse_role, read_password},
    output,
};

/// Create an employee; the password is read from standard input
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf %s \"$PASSWORD\" | tenantry admin create --email ada@example.com --role ADMIN --name 'Ada Lovelace'"
)]
pub(crate) struct Create {
    /// The e-mail address to sign in with
    #[arg(long)]
    email: String,
    /// SUPER_ADMIN, ADMIN or VIEWER
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// The name shown in the history [default: the part of the address before the @]
    #[arg(long)]
    name: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let email =
            parse_email(&self.email).map_err(|problem| Failure::new(format!("--email: {problem}")))?;
        let local_part = email.address().split('@').next().unwrap_or_default();
        let name = self.name.as_deref().unwrap_or(local_part);
        let name = parse_line("name", "the name", name, MAX_NAME)
            .map_err(|problem| Failure::new(format!("--name: {}", problem.message)))?;
        let password = read_password(&[email.address(), &name])?;
        let new = NewEmployee { name: &name, email: &email, password: &password, role: self.role };
        let id = create_employee(engine, new).await?;
        if self.json {
            output::print_json(
                &json!({ "id": id, "name": name, "email": email.address(), "role": self.role }),
            )?;
        } else {
            output::print(format!("{name} <{}> can sign in as {}.", email.address(), self.role))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
