//! The master key that is kept in the data directory when none is configured.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};

use super::values::{MasterKey, parse_master_key};

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error("{} does not hold a master key. Put it back from a backup: what was encrypted with it is lost without it", .0.display())]
    Damaged(PathBuf),
    #[error("the master key {} cannot be read or written: {source}. Check the permissions there, or set TENANTRY_MASTER_KEY", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Reads `<data_dir>/master.key`, or makes it (mode 0600) from `fresh` random
/// bytes. Processes that do so at once end up with the same key.
pub(super) fn load_or_create(
    data_dir: &Path,
    fresh: impl FnOnce() -> [u8; 32],
) -> Result<MasterKey, MasterKeyError> {
    let path = data_dir.join("master.key");
    let failed = |source| MasterKeyError::Io { path: path.clone(), source };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => create(&path, &BASE64_STANDARD.encode(fresh()))
            .and_then(|()| fs::read_to_string(&path))
            .map_err(failed)?,
        other => other.map_err(failed)?,
    };
    parse_master_key(&text).ok_or(MasterKeyError::Damaged(path))
}

/// Written whole under another name, then linked: a link replaces nothing, so
/// the first of several processes wins and no reader sees half a key.
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
    fs::remove_file(&new)?;
    linked
}
