use std::path::PathBuf;

use clap::Args;

use crate::config::Overrides;

/// The options of every command.
#[derive(Debug, Args)]
pub(super) struct GlobalOptions {
    /// The TOML file with the settings; environment variables override it
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory of the private PostgreSQL and the master key [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl GlobalOptions {
    /// The settings that these options override.
    pub(super) fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        overrides.config.clone_from(&self.config);
        overrides.set("data_dir", self.data_dir.as_ref().map(|path| path.display()))
    }
}
