use std::process::ExitCode;

use clap::Args;

use super::{Failure, output};
use crate::config::Settings;

/// Print every setting: its variable, its key in the file, its default, what it is
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry settings")]
pub struct PrintSettings {}

impl PrintSettings {
    pub fn run(self) -> Result<ExitCode, Failure> {
        output::say(Settings::reference().trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
