mod create;
mod list;
mod password;
mod update;

use std::process::ExitCode;

use clap::Subcommand;
use engine::Engine;

use super::Failure;

/// Manage the employees who use the console
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    Create(create::Create),
    List(list::List),
    Disable(update::Disable),
    Enable(update::Enable),
    Role(update::ChangeRole),
    Password(password::SetPassword),
}

impl Admin {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        match self {
            Self::Create(create) => create.run(engine).await,
            Self::List(list) => list.run(engine).await,
            Self::Disable(disable) => disable.run(engine).await,
            Self::Enable(enable) => enable.run(engine).await,
            Self::Role(role) => role.run(engine).await,
            Self::Password(password) => password.run(engine).await,
        }
    }
}
