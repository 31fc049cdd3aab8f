use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use engine::{
    Engine,
    audit::{AuditVerification, HeadFile, SignedHead, append_new_entries, verify_audit_log},
};
use serde_json::json;

use crate::{
    cli::{Failure, output},
    config::Settings,
};

/// Check that no audit entry was changed, removed, inserted or reordered
///
/// Compares every entry with the hash chain, and the chain with its signed head, which a server stores outside
/// the database. The exit status is 1 if something does not match.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry audit verify --head /mnt/backup/audit-head.json")]
pub(crate) struct VerifyAuditLog {
    /// The file with the signed head [default: the file of TENANTRY_AUDIT_HEAD_FILE, or
    /// audit-head.json in the data directory]
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl VerifyAuditLog {
    pub(crate) async fn run(self, engine: &Engine, settings: &Settings) -> Result<ExitCode, Failure> {
        let file = self.head.clone().map_or_else(|| settings.audit_head_file(), HeadFile::new);
        let head = file.read().map_err(|error| Failure::new(error.to_string()))?;
        if head.is_none() && self.head.is_some() {
            return Err(Failure::new(format!("the file {} does not exist", file.path().display())));
        }
        append_new_entries(engine).await?;
        let result = verify_audit_log(engine, head.as_ref()).await?;
        match self.json {
            true => output::print_json(&json!({
                "ok": result.findings.is_empty(),
                "head": head,
                "verification": result,
            }))?,
            false => print_text(&result, head.as_ref(), &file)?,
        }
        Ok(if result.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn print_text(result: &AuditVerification, head: Option<&SignedHead>, file: &HeadFile) -> Result<(), Failure> {
    result.findings.iter().try_for_each(output::print)?;
    match head {
        Some(head) => output::print(format!("Signed head: position {}, {}", head.position, head.signed_at))?,
        None => output::print(format!(
            "No signed head in {}: a removed end of the log cannot be found",
            file.path().display()
        ))?,
    }
    if result.erased > 0 {
        output::print(format!("Entries with erased personal data: {}", result.erased))?;
    }
    if result.pending > 0 {
        output::print(format!("Entries that are not in the chain yet: {}", result.pending))?;
    }
    output::print(format!("Verified entries: {}, findings: {}", result.verified, result.findings.len()))?;
    Ok(())
}
