use std::process::ExitCode;

use clap::Args;
use engine::{
    Engine,
    access::{Actor, list_employees},
};
use serde_json::json;

use crate::cli::{Failure, listing::load_all, output};

/// List all employees, newest first
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tenantry admin list --json | jq -r '.employees[] | select(.role == \"SUPER_ADMIN\") | .email'"
)]
pub(crate) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let employees = load_all(async |page| list_employees(engine, &Actor::Operator, page).await).await?;
        if self.json {
            output::print_json(&json!({ "employees": employees }))?;
        } else {
            let rows: Vec<_> = employees
                .into_iter()
                .map(|employee| {
                    let password = if employee.has_password { "set" } else { "not set" };
                    [
                        employee.email,
                        employee.role.to_string(),
                        employee.status.to_string(),
                        password.to_owned(),
                        employee.created_at.to_string(),
                        employee.name,
                    ]
                })
                .collect();
            output::print_table(["EMAIL", "ROLE", "STATUS", "PASSWORD", "CREATED", "NAME"], &rows)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
