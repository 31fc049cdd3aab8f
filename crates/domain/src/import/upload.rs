//! Uploaded imports and their progress.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ImportCounts, ImportProblem, ImportRow, ImportState};
use crate::{ErrorCode, Timestamp};

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
