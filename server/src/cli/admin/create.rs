use std::{io::Read, process::ExitCode};

use clap::{Args, Subcommand};
use domain::{Role, field::parse_line, password::Password, provisioning::MAX_NAME};
use engine::{
    Engine,
    access::{NewEmployee, create_employee, parse_email},
};
use serde_json::json;

use super::{Failure, output};

/// Manage the employees who use the console
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    Create(Create),
}

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

impl Admin {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        match self {
            Self::Create(create) => create.run(engine).await,
        }
    }
}

impl Create {
    async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
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

/// Reads standard input without the final line break.
fn read_password(context: &[&str]) -> Result<Password, Failure> {
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
