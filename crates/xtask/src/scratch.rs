//! Temporary folders.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

use crate::Result;

/// An empty folder that is deleted when it is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Result<Self> {
        let path = env::temp_dir().join(format!("tenantry-{name}-{}", process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
