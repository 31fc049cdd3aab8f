//! Creates the tenants of an import, one after the other.

mod create;
mod people;

use async_trait::async_trait;
use domain::{
    ErrorCode, Problem,
    import::{ImportAction, ImportCounts, ImportProblem, ImportReport, ImportRow, Severity},
};

use super::{
    ImportSettings, ImportSource,
    audit::{record_completed, record_failed},
    plan::{Plan, PlannedFolder, prepare},
    slugs::Slugs,
};
use crate::{
    Engine, Error,
    access::{Actor, Employee, find_built_in_employee},
};

/// Follows the progress of an import.
#[async_trait]
pub trait ImportProgress: Send + Sync {
    /// Gets the row of a folder that is done. An error ends the import.
    ///
    /// # Errors
    /// The reason why the import ends.
    async fn folder_done(&self, row: &ImportRow) -> Result<(), Error>;
}

/// Ignores the progress of an import.
#[derive(Debug, Clone, Copy)]
pub struct IgnoreProgress;

#[async_trait]
impl ImportProgress for IgnoreProgress {
    async fn folder_done(&self, _: &ImportRow) -> Result<(), Error> {
        Ok(())
    }
}

/// Returns the built-in employee on whose behalf the command line imports.
///
/// # Errors
/// The database's error.
pub async fn find_import_employee(engine: &Engine) -> Result<Employee, Error> {
    find_built_in_employee(engine, "import").await
}

/// Reports what [`run_import`] would do. Changes nothing.
///
/// # Errors
/// The database's error.
pub async fn preview_import(
    engine: &Engine,
    source: &ImportSource,
    settings: &ImportSettings,
) -> Result<ImportReport, Error> {
    let plan = prepare(engine, source, settings).await?;
    let rows = plan.folders.into_iter().map(|folder| folder.row).collect();
    Ok(report(true, rows, plan.problems, plan.not_imported))
}

/// Creates the tenants that do not exist, names the owners that were missing, and reports the differences of
/// the others. `progress` gets the row of each folder when it is done. Audited. An import that ends early, or
/// whose process is killed, can be repeated.
///
/// # Errors
/// `FORBIDDEN` or `UNAUTHENTICATED` if the employee may not provision tenants; the database's error. A refused
/// file is not an error; the report has it.
pub async fn run_import(
    engine: &Engine,
    by: &Employee,
    source: &ImportSource,
    settings: &ImportSettings,
    progress: &dyn ImportProgress,
) -> Result<ImportReport, Error> {
    by.require_provisioning()?;
    let result = import_folders(engine, by, source, settings, progress).await;
    let recorded = record_end(engine, by, &result).await;
    // If the import failed, its error says more than that of the audit log.
    let report = result?;
    recorded?;
    Ok(report)
}

async fn record_end(
    engine: &Engine,
    by: &Employee,
    result: &Result<ImportReport, Error>,
) -> Result<(), Error> {
    let actor = Actor::from(by.clone());
    let mut transaction = engine.pool().begin().await?;
    match result {
        Ok(report) => record_completed(&mut transaction, &actor, None, report).await?,
        Err(error) => record_failed(&mut transaction, &actor, None, error.problem().code).await?,
    }
    transaction.commit().await?;
    Ok(())
}

/// Does what [`run_import`] does, without the audit log.
pub(super) async fn import_folders(
    engine: &Engine,
    by: &Employee,
    source: &ImportSource,
    settings: &ImportSettings,
    progress: &dyn ImportProgress,
) -> Result<ImportReport, Error> {
    by.require_provisioning()?;
    let Plan { folders, problems, not_imported, slugs } = prepare(engine, source, settings).await?;
    let mut run = Run { engine, by, settings, slugs };
    let mut rows = Vec::with_capacity(folders.len());
    for folder in folders {
        let row = run.import_folder(folder).await?;
        progress.folder_done(&row).await?;
        rows.push(row);
    }
    Ok(report(false, rows, problems, not_imported))
}

fn report(
    dry_run: bool,
    rows: Vec<ImportRow>,
    problems: Vec<ImportProblem>,
    not_imported: Vec<String>,
) -> ImportReport {
    ImportReport { dry_run, counts: ImportCounts::of(&rows), problems, rows, not_imported }
}

/// One import.
struct Run<'a> {
    engine: &'a Engine,
    by: &'a Employee,
    settings: &'a ImportSettings,
    slugs: Slugs,
}

impl Run<'_> {
    async fn import_folder(&mut self, mut folder: PlannedFolder) -> Result<ImportRow, Error> {
        let result = match folder.row.action {
            ImportAction::Create => self.create(&mut folder).await,
            ImportAction::Activate => self.name_owner(&mut folder).await,
            ImportAction::Unchanged | ImportAction::Differs => self.finish_members(&mut folder).await,
            ImportAction::Refused => Ok(()),
        };
        match result {
            Err(Error::Refused(problem)) if is_about_file(problem.code) => folder.refuse(&problem),
            result => result?,
        }
        let is_own = folder.existing.as_ref().is_some_and(|existing| {
            self.settings.continued_since.is_some_and(|since| existing.created_at >= since)
        });
        if is_own && folder.row.action == ImportAction::Unchanged {
            folder.row.action = ImportAction::Create;
        }
        Ok(folder.row)
    }
}

impl PlannedFolder {
    /// Refuses the file because of a problem that the core found.
    pub(super) fn refuse(&mut self, problem: &Problem) {
        self.client.problems.clear();
        let fields = problem.field_problems();
        match fields.is_empty() {
            true => self.client.warn("client.name", problem.code.as_str(), &problem.detail()),
            false => fields.iter().for_each(|field| self.client.report_field(field)),
        }
        let problems = self.client.problems.take().into_iter();
        self.row.problems.extend(problems.map(|found| ImportProblem { severity: Severity::Error, ..found }));
        self.row.action = ImportAction::Refused;
    }
}

/// Whether a refusal is about the content of a file, so that the other files can still be imported.
pub(super) fn is_about_file(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ValidationError
            | ErrorCode::InvalidSlug
            | ErrorCode::EmailValidationFailed
            | ErrorCode::EmailUnavailable
            | ErrorCode::DuplicateKey
            | ErrorCode::DuplicateRequest
            | ErrorCode::ConstraintViolation
            | ErrorCode::ForeignKeyViolation
            | ErrorCode::QuotaExceeded
            | ErrorCode::InvalidTransition
            | ErrorCode::TenantNotFound
    )
}
