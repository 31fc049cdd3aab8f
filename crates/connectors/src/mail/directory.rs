//! Delivery to a folder, where no mail server is configured.

use std::{
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use domain::jobs::StepFailure;
use uuid::Uuid;

use super::transmission_error::TransmissionError;

/// A message that is written to a file.
pub(super) struct FileTransmission {
    path: PathBuf,
    message: Vec<u8>,
}

impl FileTransmission {
    /// The file of a message is `{id}.eml`. IDs are in the order of their creation.
    pub(super) fn new(directory: &Path, id: Uuid, message: Vec<u8>) -> Self {
        Self { path: directory.join(format!("{id}.eml")), message }
    }

    /// Writes the file. Only the user of the process can read it, because it contains links.
    pub(super) async fn transmit(self) -> Result<(), TransmissionError> {
        let written = tokio::task::spawn_blocking(move || write(&self.path, &self.message)).await;
        let result = written.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        result.map_err(|error| {
            TransmissionError::Refused(StepFailure::transient(format!(
                "the file could not be written: {error}"
            )))
        })
    }
}

/// Writes a complete file or none.
fn write(path: &Path, message: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let unfinished = path.with_extension("tmp");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(message)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)
}
