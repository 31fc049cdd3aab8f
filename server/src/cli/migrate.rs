use std::process::ExitCode;

use clap::Args;
use engine::Engine;

use super::{Failure, output};

/// Update the database schema
///
/// `serve` does the same when it starts. Several processes may migrate at the same time.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  DATABASE_URL=postgres://tenantry@db/tenantry tenantry migrate")]
pub(crate) struct Migrate {}

impl Migrate {
    /// The schema is already up to date, because every command migrates before it runs.
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        engine.check_schema().await?;
        output::print("The schema is up to date.")?;
        Ok(ExitCode::SUCCESS)
    }
}
