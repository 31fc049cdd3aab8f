//! The master key file in the data directory, used when no key is configured.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};

use super::kind::{MasterKey, parse_master_key};

/// Why no master key is available.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MasterKeyError {
    #[error("{} does not contain a master key. Restore the file from a backup, because secrets encrypted with the key cannot be read without it", .0.display())]
    Damaged(PathBuf),
    #[error("the master key file {} cannot be read or written: {source}. Check its permissions, or set TENANTRY_MASTER_KEY", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Reads `<data_dir>/master.key`. If the file does not exist, creates it with mode 0600 from `new_key`.
/// Processes that create it at the same time use the same key.
pub(super) fn load_or_create(
    data_dir: &Path,
    new_key: impl FnOnce() -> [u8; 32],
) -> Result<MasterKey, MasterKeyError> {
    let path = data_dir.join("master.key");
    let failed = |source| MasterKeyError::Io { path: path.clone(), source };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(&path, &BASE64_STANDARD.encode(new_key()))
                .and_then(|()| fs::read_to_string(&path))
                .map_err(failed)?
        }
        other => other.map_err(failed)?,
    };
    parse_master_key(&text).ok_or(MasterKeyError::Damaged(path))
}

/// Writes a temporary file and links it to `path`. A link never replaces a file, so that the first process
/// wins, and no process reads an incomplete key.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension(format!("key.{}", uuid::Uuid::new_v4()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let linked = options.open(&new).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()?;
        match fs::hard_link(&new, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    });
    // If the file could not be created, its error is the one to report.
    let removed = fs::remove_file(&new);
    linked.and(removed)
}
