use std::process::ExitCode;

use clap::{ArgGroup, Args};
use engine::{
    Engine,
    access::{Actor, end_all_sessions, end_session_by_id},
};
use serde_json::json;
use uuid::Uuid;

use crate::cli::{Failure, employee::find_by_email, output};

/// End one session, or all sessions of an employee; takes effect immediately
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("sessions").args(["id", "email"]).required(true)),
    after_help = "Example:\n  tenantry session end 7f2c9a64-1b0d-4e59-8c3f-6a1e5d2b9c80\n  tenantry session end --email ada@example.com"
)]
pub(crate) struct End {
    /// The ID of the session, from `tenantry session list`
    id: Option<Uuid>,
    /// The e-mail address of an employee, to end all sessions of the employee
    #[arg(long)]
    email: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl End {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let mut ended = 0;
        if let Some(id) = self.id {
            end_session_by_id(engine, &Actor::Operator, id)
                .await
                .map_err(|error| Failure::for_missing(error, &format!("no session has the ID {id}")))?;
            ended += 1;
        }
        if let Some(email) = &self.email {
            let employee = find_by_email(engine, email).await?;
            ended += end_all_sessions(engine, &Actor::Operator, employee.id).await?;
        }
        if self.json {
            output::print_json(&json!({ "ended": ended }))?;
        } else {
            output::print(format!("Sessions ended: {ended}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
