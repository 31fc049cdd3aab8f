//! The rows of a report, their problems, and their counts.

use serde::{Deserialize, Serialize};

use super::{ImportAction, Severity};

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
            counts.add(row.action, 1, u32::from(!row.has_owner));
            counts
        })
    }

    /// Adds rows with the same action, and how many of them have no owner.
    pub const fn add(&mut self, action: ImportAction, rows: u32, without_owner: u32) {
        let count = match action {
            ImportAction::Create => &mut self.create,
            ImportAction::Activate => &mut self.activate,
            ImportAction::Unchanged => &mut self.unchanged,
            ImportAction::Differs => &mut self.differs,
            ImportAction::Refused => &mut self.refused,
        };
        *count += rows;
        if matches!(action, ImportAction::Create) {
            self.without_owner += without_owner;
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
