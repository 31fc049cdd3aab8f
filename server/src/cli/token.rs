mod create;
mod list;
mod revoke;

use std::process::ExitCode;

use clap::Subcommand;
use engine::Engine;

use super::Failure;

/// Manage the admin tokens of scripts and services
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    Create(create::Create),
    List(list::List),
    Revoke(revoke::Revoke),
}

impl Token {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        match self {
            Self::Create(create) => create.run(engine).await,
            Self::List(list) => list.run(engine).await,
            Self::Revoke(revoke) => revoke.run(engine).await,
        }
    }
}
