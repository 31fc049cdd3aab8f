//! The commands `import` and `export`.

mod report;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use domain::import::MAX_FILE;
use engine::{
    Engine,
    access::Actor,
    import::{
        IgnoreProgress, ImportSettings, ImportSource, export_clients, find_import_employee, preview_import,
        read_directory, run_import, write_export,
    },
};
use serde_json::json;

use super::{Failure, output};
use crate::{config::Settings, http::site_origin};

/// Create tenants from files of another system
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    Yaml(ImportYaml),
}

/// Write all tenants to files
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    Yaml(ExportYaml),
}

/// Create a tenant for each DIR/<tenant_id>/client.yaml that has none yet
///
/// The name of the folder becomes the external ID of the tenant, and the slug is derived from its name. A tenant
/// with an owner becomes active, and the owner gets an invitation. A tenant without an owner is incomplete until a
/// later run names one. Tenants that exist are never changed: the report lists the differences. The command can be
/// repeated at any time. It fails if a file was refused.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tenantry import yaml ./clients --owners owners.csv --dry-run\n  tenantry import yaml ./clients --owners owners.csv"
)]
pub(crate) struct ImportYaml {
    /// The directory with the folders, or with a folder clients that contains them
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Report what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// A CSV file with the columns tenant_id, email, name and role (owner, admin or member)
    #[arg(long, value_name = "FILE")]
    owners: Option<PathBuf>,
    /// Store literal secrets encrypted, instead of refusing their files
    #[arg(long)]
    encrypt_secrets: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Write the client.yaml of every tenant, and owners.csv, to DIR
///
/// The files have the format that `import yaml` reads. Secrets are references such as ${SMTP_PASSWORD}. Deleted tenants
/// are left out. The directory must be empty, or contain only files of an earlier export. Only you can read the files.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry export yaml ./clients")]
pub(crate) struct ExportYaml {
    /// The directory, which is created if it does not exist
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(crate) async fn run(self, engine: &Engine, settings: &Settings) -> Result<ExitCode, Failure> {
        let Self::Yaml(import) = self;
        import.run(engine, site_origin(settings, settings.listen)).await
    }
}

impl Export {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let Self::Yaml(ExportYaml { directory, json }) = self;
        let files = export_clients(engine, &Actor::Operator).await?;
        let changed = write_export(&directory, &files).map_err(|error| Failure::new(error.to_string()))?;
        let tenants = files.len() - 1;
        match json {
            true => output::print_json(&json!({ "tenants": tenants, "changedFiles": changed }))?,
            false => output::print(format!(
                "Exported tenants: {tenants}. Files that changed in {}: {changed}.",
                directory.display()
            ))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl ImportYaml {
    async fn run(self, engine: &Engine, origin: String) -> Result<ExitCode, Failure> {
        let source = self.read()?;
        let settings =
            ImportSettings { encrypt_secrets: self.encrypt_secrets, origin, ..ImportSettings::default() };
        let report = match self.dry_run {
            true => preview_import(engine, &source, &settings).await?,
            false => {
                let by = find_import_employee(engine).await?;
                run_import(engine, &by, &source, &settings, &IgnoreProgress).await?
            }
        };
        match self.json {
            true => output::print_json(&report)?,
            false => report::print(&report)?,
        }
        Ok(if report.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn read(&self) -> Result<ImportSource, Failure> {
        let cannot_read = |path: &Path, error: std::io::Error| {
            Failure::new(format!("cannot read {}: {error}", path.display()))
        };
        let source = read_directory(&self.directory).map_err(|error| cannot_read(&self.directory, error))?;
        if source.is_empty() {
            return Err(Failure::new(format!(
                "no <tenant_id>/client.yaml is in {}; name the directory that contains the folders of the tenants",
                self.directory.display()
            )));
        }
        let Some(path) = &self.owners else { return Ok(source) };
        let size = fs::metadata(path).map_err(|error| cannot_read(path, error))?.len();
        // A larger file is refused without being read.
        let bytes = match size > MAX_FILE as u64 {
            true => vec![b' '; MAX_FILE + 1],
            false => fs::read(path).map_err(|error| cannot_read(path, error))?,
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(source.with_owners(&name, &bytes))
    }
}
