//! The report of an import of `client.yaml` files (`docs/specification.md`, section 7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ErrorCode, Timestamp, text_form::text_enum};

/// The name of the file that describes a tenant.
pub const CLIENT_FILE: &str = "client.yaml";
/// The name of the file with the owners in an archive and in an export.
pub const OWNERS_FILE: &str = "owners.csv";
/// The maximum size of a `client.yaml` or of the owners file, in bytes.
pub const MAX_FILE: usize = 256 * 1024;
/// The maximum size of an archive, in bytes.
pub const MAX_ARCHIVE: usize = 16 * 1024 * 1024;

text_enum! {
    /// What an import does with a folder, or would do in a dry run.
    ImportAction {
        /// The tenant is created.
        Create = "create",
        /// The tenant exists without an owner, and gets the one of the owners file.
        Activate = "activate",
        /// The tenant exists and has the values of the file.
        Unchanged = "unchanged",
        /// The tenant exists with other values. It is not changed.
        Differs = "differs",
        /// Nothing is done until the file is fixed.
        Refused = "refused",
    }
}

impl ImportAction {
    /// The label on screen, for an import and for a dry run.
    pub const fn label(self, dry_run: bool) -> &'static str {
        match (self, dry_run) {
            (Self::Create, true) => "Create",
            (Self::Create, false) => "Created",
            (Self::Activate, true) => "Name owner",
            (Self::Activate, false) => "Owner named",
            (Self::Unchanged, _) => "Unchanged",
            (Self::Differs, _) => "Differs",
            (Self::Refused, _) => "Refused",
        }
    }
}

text_enum! {
    /// How far an uploaded import is.
    ImportState {
        /// No process works on it yet.
        Pending = "pending",
        /// A process works on it.
        Running = "running",
        /// Every file was handled.
        Completed = "completed",
        /// It could not be finished. It can be uploaded again.
        Failed = "failed",
    }
}

impl ImportState {
    /// Whether the import no longer changes.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

text_enum! {
    /// Whether a problem stops the import of its file.
    Severity {
        /// The file is refused.
        Error = "error",
        /// The file is imported, without the value.
        Warning = "warning",
    }
}

/// A line of a file near a problem. Secrets are replaced by dots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExcerptLine {
    /// The number of the line, from 1.
    pub line: u32,
    /// The text of the line.
    pub text: String,
    /// Whether the problem is on this line.
    pub is_marked: bool,
}

/// A problem in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportProblem {
    /// Whether the problem stops the import of the file.
    pub severity: Severity,
    /// The path of the file.
    pub file: String,
    /// The number of the line, from 1; null if the problem concerns the whole file.
    pub line: Option<u32>,
    /// The number of the column in characters, from 1.
    pub column: Option<u32>,
    /// The path of the field, such as `branding.logo_url`; empty for the whole file.
    pub field: String,
    /// The stable name of the violated rule, such as `duplicate_key`.
    pub rule: String,
    /// What is wrong, and how to fix it.
    pub message: String,
    /// The lines around the problem.
    pub excerpt: Vec<ExcerptLine>,
}

impl ImportProblem {
    /// The place of the problem: the file, the line and the column.
    pub fn place(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", self.file),
            (Some(line), None) => format!("{}:{line}", self.file),
            _ => self.file.clone(),
        }
    }
}

/// A value of a file that differs from the value of its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportDifference {
    /// The path of the field, such as `client.currency`.
    pub field: String,
    /// The value in the file; null if the file has none. Dots stand for a secret.
    pub in_file: Option<String>,
    /// The value of the tenant; null if the tenant has none. Dots stand for a secret.
    pub in_tenant: Option<String>,
}

/// What happens, or would happen, with one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportRow {
    /// The path of the `client.yaml`.
    pub file: String,
    /// The name of the folder, which becomes the external ID of the tenant.
    pub external_id: String,
    /// The name of the tenant; empty if the file has none.
    pub name: String,
    /// What happens.
    pub action: ImportAction,
    /// The code of the tenant; null in a dry run for a tenant that does not exist.
    pub code: Option<String>,
    /// The slug of the tenant; null for a refused file.
    pub slug: Option<String>,
    /// Whether the tenant has an owner after the import. Without one, its setup is incomplete.
    pub has_owner: bool,
    /// The errors and the warnings about the file.
    pub problems: Vec<ImportProblem>,
    /// The differences between the file and the tenant.
    pub differences: Vec<ImportDifference>,
}

impl ImportRow {
    /// Whether the row has a problem that stops the import of its file.
    pub fn has_error(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// How many folders an import handled, by what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportCounts {
    /// Tenants that are created.
    pub create: u32,
    /// Tenants that get their owner.
    pub activate: u32,
    /// Tenants that have the values of their files.
    pub unchanged: u32,
    /// Tenants with other values than their files.
    pub differs: u32,
    /// Files that are refused.
    pub refused: u32,
    /// Created tenants without an owner.
    pub without_owner: u32,
}

impl ImportCounts {
    /// Counts the rows of a report.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a ImportRow>) -> Self {
        rows.into_iter().fold(Self::default(), |mut counts, row| {
            counts.add(row);
            counts
        })
    }

    /// Adds one row.
    pub fn add(&mut self, row: &ImportRow) {
        let count = match row.action {
            ImportAction::Create => &mut self.create,
            ImportAction::Activate => &mut self.activate,
            ImportAction::Unchanged => &mut self.unchanged,
            ImportAction::Differs => &mut self.differs,
            ImportAction::Refused => &mut self.refused,
        };
        *count += 1;
        if row.action == ImportAction::Create && !row.has_owner {
            self.without_owner += 1;
        }
    }

    /// The number of files.
    pub const fn total(&self) -> u32 {
        self.create + self.activate + self.unchanged + self.differs + self.refused
    }
}

/// The report of an import or of a dry run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// How many files had each outcome.
    pub counts: ImportCounts,
    /// The problems that concern no folder, such as those of the owners file.
    pub problems: Vec<ImportProblem>,
    /// One row for each folder, in alphabetical order.
    pub rows: Vec<ImportRow>,
    /// The files beside `client.yaml`, and folders without this file. They are not imported.
    pub not_imported: Vec<String>,
}

impl ImportReport {
    /// Whether a file was refused.
    pub fn has_errors(&self) -> bool {
        self.counts.refused > 0 || self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// An upload that was accepted and that a process imports now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AcceptedImport {
    /// The ID of the import.
    pub id: Uuid,
    /// The name of the uploaded archive.
    pub file_name: String,
    /// Whether nothing is changed.
    pub dry_run: bool,
    /// Whether literal secrets are stored encrypted. Otherwise a file with such a secret is refused.
    pub encrypt_secrets: bool,
    /// The number of `client.yaml` files.
    pub total: u32,
    /// When the archive was uploaded.
    pub created_at: Timestamp,
}

/// An uploaded import and its progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportSummary {
    /// The ID of the import.
    pub id: Uuid,
    /// The name of the uploaded archive.
    pub file_name: String,
    /// Whether nothing is changed.
    pub dry_run: bool,
    /// Whether literal secrets are stored encrypted. Otherwise a file with such a secret is refused.
    pub encrypt_secrets: bool,
    /// How far the import is.
    pub state: ImportState,
    /// The number of `client.yaml` files.
    pub total: u32,
    /// How many files are done.
    pub done: u32,
    /// How many files had each outcome so far.
    pub counts: ImportCounts,
    /// The employee who uploaded the archive.
    pub created_by: String,
    /// When the archive was uploaded.
    pub created_at: Timestamp,
    /// When a process began to work on it.
    pub started_at: Option<Timestamp>,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
    /// Why it could not be finished.
    pub failure: Option<ErrorCode>,
    /// Whether the archive of this dry run is still stored, so that the console can import it.
    pub can_be_imported: bool,
}

/// An uploaded import with one page of its report. The errors come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportDetail {
    /// The import and its progress.
    #[serde(flatten)]
    pub summary: ImportSummary,
    /// The problems that concern no folder, such as those of the owners file.
    pub problems: Vec<ImportProblem>,
    /// The files that are not imported.
    pub not_imported: Vec<String>,
    /// One page of the folders.
    pub rows: Vec<ImportRow>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<String>,
}
