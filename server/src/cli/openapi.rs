use std::process::ExitCode;

use clap::Args;

use super::{Failure, output};
use crate::http::openapi;

/// Print the OpenAPI document of the API, which the server also serves at /openapi.json
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry openapi > openapi.json")]
pub(crate) struct PrintDocument {}

impl PrintDocument {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        output::print(openapi::text().trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
