use std::process::ExitCode;

use clap::Args;
use engine::{
    Engine,
    access::{Actor, list_sessions},
};
use serde_json::json;

use crate::cli::{Failure, listing::load_all, output};

/// List the sessions that have not ended, newest first
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tenantry session list --json | jq -r '.sessions[] | .id + \" \" + .employee.name'"
)]
pub(crate) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let sessions =
            load_all(async |page| list_sessions(engine, &Actor::Operator, None, page).await).await?;
        if self.json {
            output::print_json(&json!({ "sessions": sessions }))?;
        } else {
            let rows: Vec<_> = sessions
                .into_iter()
                .map(|session| {
                    [
                        session.id.to_string(),
                        session.created_at.to_string(),
                        session.last_seen_at.to_string(),
                        session.expires_at.to_string(),
                        session.device.unwrap_or_default(),
                        session.client_address.unwrap_or_default(),
                        session.employee.name,
                    ]
                })
                .collect();
            let head = ["ID", "SIGNED IN", "LAST USED", "EXPIRES", "DEVICE", "ADDRESS", "EMPLOYEE"];
            output::print_table(head, &rows)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
