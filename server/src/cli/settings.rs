use std::process::ExitCode;

use clap::Args;

use super::{Failure, output};
use crate::config::reference;

/// Print the documentation of all settings as Markdown
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry settings --toml > tenantry.toml")]
pub(crate) struct PrintSettings {
    /// Print an example configuration file instead, with every setting commented out
    #[arg(long)]
    toml: bool,
}

impl PrintSettings {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let text = if self.toml { reference::example_config_file() } else { reference::markdown() };
        output::print(text.trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
