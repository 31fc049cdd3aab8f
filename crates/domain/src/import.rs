//! The report of an import of `client.yaml` files (`docs/specification.md`, section 7).

mod filter;
mod report;
mod upload;

pub use self::{
    filter::ImportFilter,
    report::{ExcerptLine, ImportCounts, ImportDifference, ImportProblem, ImportReport, ImportRow},
    upload::{AcceptedImport, ImportDetail, ImportSummary},
};
use crate::text_form::text_enum;

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
