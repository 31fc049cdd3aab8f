use std::process::ExitCode;

use clap::Args;

use super::{Failure, output};
use crate::config::Settings;

/// Print the documentation of all settings as Markdown
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry settings")]
pub struct PrintSettings {}

impl PrintSettings {
    pub fn run(self) -> Result<ExitCode, Failure> {
        output::print(Settings::reference().trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
