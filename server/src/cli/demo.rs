use std::process::ExitCode;

use clap::Args;
use engine::{Engine, demo::create_demo};
use serde_json::json;

use super::{Failure, output};

/// Create a platform that looks real: tenants in every status, with half a year of history
///
/// Needs an installation without tenants, and no running server or worker. Calls no external system and sends no
/// mail. Does nothing if the demo data exist.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry demo")]
pub(crate) struct Demo {
    /// Also create it in an installation that has tenants
    #[arg(long)]
    force: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let created = create_demo(engine, self.force).await?;
        if self.json {
            output::print_json(&json!({ "created": created }))?;
        } else {
            output::print(match created.len() {
                0 => "The demo data exist. Nothing was changed.".to_owned(),
                count => format!(
                    "Tenants created: {count}. Create an admin with `tenantry admin create`, or with the link that \
                     `tenantry serve` prints."
                ),
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
