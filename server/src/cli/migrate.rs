use std::process::ExitCode;

use clap::Args;
use engine::Engine;

use super::{Failure, output};

/// Bring the database's schema up to date
///
/// `serve` does the same when it starts. Any number of processes may do it at once.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  DATABASE_URL=postgres://tenantry@db/tenantry tenantry migrate")]
pub struct Migrate {}

impl Migrate {
    /// Every command has migrated before it runs: this one only says so.
    pub async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        engine.check_schema().await?;
        output::say("The schema is up to date.")?;
        Ok(ExitCode::SUCCESS)
    }
}
