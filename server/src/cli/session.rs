mod end;
mod list;

use std::process::ExitCode;

use clap::Subcommand;
use engine::Engine;

use super::Failure;

/// Manage the sessions of signed-in employees
#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    List(list::List),
    End(end::End),
}

impl Session {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        match self {
            Self::List(list) => list.run(engine).await,
            Self::End(end) => end.run(engine).await,
        }
    }
}
