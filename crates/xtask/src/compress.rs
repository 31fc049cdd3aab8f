//! Compressed copies of files. The server sends them to browsers that accept the compression.

use std::{path::PathBuf, process::Command};

use crate::{Result, tools};

/// Writes a brotli copy and a gzip copy next to each file.
///
/// # Errors
/// Fails if node fails.
pub(crate) fn compress(files: &[PathBuf]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    tools::run(Command::new("node").arg(tools::root().join("crates/xtask/compress.mjs")).args(files))
}
