use std::process::ExitCode;

use clap::Args;
use engine::{
    Engine,
    access::{Actor, revoke_token},
};
use uuid::Uuid;

use crate::cli::{Failure, output};

/// Revoke an admin token, and the tokens that were created with it; takes effect immediately
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry token revoke 019ac1f0-6f3e-7c52-9d0b-3a5f4e1c2b7d")]
pub(crate) struct Revoke {
    /// The ID of the token, from `tenantry token list`
    id: Uuid,
}

impl Revoke {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        revoke_token(engine, &Actor::Operator, self.id)
            .await
            .map_err(|error| Failure::for_missing(error, &format!("no token has the ID {}", self.id)))?;
        output::print(format!("The token {} is revoked.", self.id))?;
        Ok(ExitCode::SUCCESS)
    }
}
