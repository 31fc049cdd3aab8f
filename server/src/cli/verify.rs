use std::process::ExitCode;

use clap::Args;
use engine::{Engine, integrity};
use serde_json::json;

use super::{Failure, output};

/// Check all invariants in the database, and list the rows that violate one
///
/// The exit status is 1 if a row violates an invariant.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry verify --json | jq .violations")]
pub(crate) struct Verify {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let violations = integrity::verify(engine).await?;
        if self.json {
            output::print_json(&json!({ "ok": violations.is_empty(), "violations": violations }))?;
        } else {
            for violation in &violations {
                output::print(format!(
                    "{}: {}: {}",
                    violation.invariant, violation.subject, violation.detail
                ))?;
            }
            output::print(format!("Violations: {}", violations.len()))?;
        }
        Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
