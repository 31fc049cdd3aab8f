use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use engine::{Engine, access::Actor, tenants::export_tenant};

use super::super::{Failure, output};

/// Export everything that the registry holds of a tenant as JSON, also of a deleted tenant until its purge
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry tenant export golden-spoon --output golden-spoon.json")]
pub(crate) struct Export {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// The file to create, which only you can read [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let export = export_tenant(engine, &Actor::Operator, &self.tenant).await?;
        match self.output {
            None => output::print_json(&export.document)?,
            Some(path) => {
                let text = serde_json::to_string_pretty(&export.document)?;
                write_new(&path, &text)
                    .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
                output::print(format!("The data of {} are in {}.", export.code, path.display()))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a file that does not exist. The file contains personal data, so other users cannot read it.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
