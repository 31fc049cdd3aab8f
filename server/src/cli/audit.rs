mod export;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;
use engine::Engine;

use super::Failure;
use crate::config::Settings;

/// Verify and export the audit log
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    Verify(verify::VerifyAuditLog),
    Export(export::ExportAuditLog),
}

impl Audit {
    pub(crate) async fn run(self, engine: &Engine, settings: &Settings) -> Result<ExitCode, Failure> {
        match self {
            Self::Verify(verify) => verify.run(engine, settings).await,
            Self::Export(export) => export.run(engine).await,
        }
    }
}
