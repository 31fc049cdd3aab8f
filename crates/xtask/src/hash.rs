//! Content hashes for file names and build stamps.

use std::{fs, path::PathBuf};

use sha2::{Digest, Sha256};

use crate::Result;

/// Returns the first 16 hexadecimal digits of the SHA-256 over all `parts`.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a hash over the names and contents of `inputs` and over the binary of this program.
///
/// # Errors
/// Fails if a file cannot be read.
pub(crate) fn stamp(inputs: &[PathBuf]) -> Result<String> {
    let mut text = hash(&[&fs::read(std::env::current_exe()?)?]);
    for input in inputs {
        text += &format!("{} {}\n", input.display(), hash(&[&fs::read(input)?]));
    }
    Ok(hash(&[text.as_bytes()]))
}
