//! The files of an archive, their limits, and why an archive is refused.

use domain::{FieldProblem, Problem};

use crate::Error;

/// The maximum number of entries.
pub(super) const MAX_ENTRIES: usize = 20_000;
/// The maximum size of all decompressed files, in bytes.
pub(super) const MAX_TOTAL: u64 = 64 * 1024 * 1024;

/// A file of an archive. The content is read only of the files that are imported.
pub(super) struct ArchivedFile {
    pub path: Vec<String>,
    pub content: Content,
}

pub(super) enum Content {
    Read(Vec<u8>),
    TooLarge(u64),
    Ignored,
}

pub(super) fn refused(rule: &str, message: &str) -> Error {
    Problem::from_fields(vec![FieldProblem::new("archive", rule, message)]).into()
}

pub(super) fn damaged() -> Error {
    refused("damaged", "The archive is damaged or incomplete. Create it again.")
}

pub(super) fn too_large() -> Error {
    let message = format!(
        "The archive is larger than {} MiB when it is decompressed, or has more than {MAX_ENTRIES} entries. Split it.",
        MAX_TOTAL / 1024 / 1024
    );
    refused("too_large", &message)
}

pub(super) fn link(parts: &[String]) -> Error {
    let message = format!(
        "{} is a link, a device or another special file. Put only files and folders into the archive.",
        parts.join("/")
    );
    refused("special_file", &message)
}
