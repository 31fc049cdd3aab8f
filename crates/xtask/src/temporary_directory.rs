//! Temporary directories.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

use crate::Result;

/// A directory that is empty at first, and is deleted with its content when this value is dropped.
#[derive(Debug)]
pub(crate) struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    /// Creates a directory whose name contains `name`.
    ///
    /// # Errors
    /// Fails if the directory cannot be created.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let path = env::temp_dir().join(format!("tenantry-{name}-{}", process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
