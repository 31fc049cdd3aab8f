use std::process::ExitCode;

use clap::Args;
use engine::{
    Engine,
    access::{Actor, list_tokens},
};
use serde_json::json;

use crate::cli::{Failure, listing::load_all, output};

/// List all admin tokens, newest first
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tenantry token list --json | jq -r '.tokens[] | select(.status == \"active\") | .name'"
)]
pub(crate) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let tokens = load_all(async |page| list_tokens(engine, &Actor::Operator, page).await).await?;
        if self.json {
            output::print_json(&json!({ "tokens": tokens }))?;
        } else {
            let rows: Vec<_> = tokens
                .into_iter()
                .map(|token| {
                    [
                        token.id.to_string(),
                        token.role.to_string(),
                        token.status.to_string(),
                        token.expires_at.to_string(),
                        token.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
                        token.created_by.map_or_else(|| "operator".to_owned(), |by| by.name),
                        token.name,
                    ]
                })
                .collect();
            let header = ["ID", "ROLE", "STATUS", "EXPIRES", "LAST USED", "CREATED BY", "NAME"];
            output::print_table(header, &rows)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
