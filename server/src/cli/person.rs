mod erase;

use std::process::ExitCode;

use clap::Subcommand;
use engine::Engine;

use super::Failure;

/// Erase the personal data of a person
#[derive(Debug, Subcommand)]
pub(crate) enum Person {
    Erase(erase::Erase),
}

impl Person {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        match self {
            Self::Erase(erase) => erase.run(engine).await,
        }
    }
}
