//! The master key file in the data directory, used when no key is configured.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretBox};

use super::{
    Settings,
    kind::{MasterKey, parse_master_key},
};

/// Why no master key is available.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MasterKeyError {
    #[error("{} does not contain a master key. Restore the file from a backup, because secrets encrypted with the key cannot be read without it", .0.display())]
    Damaged(PathBuf),
    #[error("the master key file {} cannot be read or written: {source}. Check its permissions, or set TENANTRY_MASTER_KEY", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl Settings {
    /// Returns the configured master key, or the one in `<data_dir>/master.key`. If the file does not exist,
    /// creates it with mode 0600 from `new_key`. Processes that create it at the same time use the same key.
    ///
    /// # Errors
    /// When the file cannot be read or created, or does not contain a key.
    pub(crate) fn master_key(&self, new_key: impl FnOnce() -> [u8; 32]) -> Result<MasterKey, MasterKeyError> {
        if let Some(key) = &self.master_key {
            return Ok(SecretBox::new(Box::new(*key.expose_secret())));
        }
        let path = self.data_dir.join("master.key");
        let io_error = |source| MasterKeyError::Io { path: path.clone(), source };
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(&path, &BASE64_STANDARD.encode(new_key()))
                    .and_then(|()| fs::read_to_string(&path))
                    .map_err(io_error)?
            }
            other => other.map_err(io_error)?,
        };
        parse_master_key(&text).ok_or(MasterKeyError::Damaged(path))
    }
}

/// Writes a temporary file and links it to `path`. A link never replaces a file, so the key of the first
/// process is kept, and no process reads an incomplete key.
fn create(path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let temporary = path.with_extension(format!("key.{}", uuid::Uuid::new_v4()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&temporary, path));
    fs::remove_file(&temporary)?;
    linked.or_else(|error| if error.kind() == ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
}
