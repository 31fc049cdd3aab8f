//! Writes the files of an export to a directory, without touching files of others.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::ExportedFile;

/// The file that lists what an export wrote, with the hashes of the contents.
pub(super) const MANIFEST: &str = ".tenantry-export.json";

/// Why an export was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The directory has files that no export wrote, or that were changed afterwards.
    #[error(
        "nothing was written: {0} was not written by an export, or was changed afterwards; \
         choose an empty directory, or move the file away"
    )]
    Foreign(String),
    /// A file or the directory cannot be read or written.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The path.
        path: String,
        /// The cause.
        source: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.display().to_string();
    move |source| WriteError::Io { path, source }
}

/// Writes the files, which only the owner of the process can read. The directory is created if it does not
/// exist. Files of an earlier export are replaced, and deleted if their tenants no longer exist. Returns how
/// many files have changed.
///
/// # Errors
/// [`WriteError::Foreign`] before anything is written; [`WriteError::Io`].
pub fn write_export(directory: &Path, files: &[ExportedFile]) -> Result<usize, WriteError> {
    create_directory(directory)?;
    let manifest_path = directory.join(MANIFEST);
    let former = read_manifest(&manifest_path)?;
    let new: BTreeMap<String, String> =
        files.iter().map(|file| (file.path.clone(), hash(file.content.as_bytes()))).collect();
    refuse_foreign(directory, &former, &new)?;
    // An interrupted export can be repeated: the list has the new files before they are written.
    let mut all = former.clone();
    all.extend(new.clone());
    write_file(&manifest_path, manifest(&all).as_bytes())?;
    let mut changed = 0;
    for file in files {
        let path = directory.join(&file.path);
        if current_hash(&path)? != new.get(&file.path).cloned() {
            path.parent().map_or(Ok(()), create_directory)?;
            write_file(&path, file.content.as_bytes())?;
            changed += 1;
        }
    }
    for path in former.keys().filter(|path| !new.contains_key(*path)) {
        let path = directory.join(path);
        if path.exists() {
            fs::remove_file(&path).map_err(at(&path))?;
            // The folder stays if it contains other files.
            if let Some(parent) = path.parent() {
                let _ = fs::remove_dir(parent);
            }
            changed += 1;
        }
    }
    write_file(&manifest_path, manifest(&new).as_bytes())?;
    Ok(changed)
}

/// Checks that every file that would be replaced or deleted is as an export wrote it, and that nothing else is
/// in the directory, unless an export wrote to it before.
fn refuse_foreign(
    directory: &Path,
    former: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Result<(), WriteError> {
    if former.is_empty() {
        for entry in fs::read_dir(directory).map_err(at(directory))? {
            let name = entry.map_err(at(directory))?.file_name().to_string_lossy().into_owned();
            if name != MANIFEST {
                return Err(WriteError::Foreign(name));
            }
        }
    }
    for path in former.keys().chain(new.keys()) {
        let folder = path.split_once('/').map(|(folder, _)| directory.join(folder));
        if folder.is_some_and(|folder| folder.is_symlink()) {
            return Err(WriteError::Foreign(path.clone()));
        }
        let full = directory.join(path);
        let is_known = match current_hash(&full)? {
            None => !full.is_symlink(),
            // The second is the file of an interrupted export.
            Some(current) => {
                !full.is_symlink() && (former.get(path) == Some(&current) || new.get(path) == Some(&current))
            }
        };
        if !is_known {
            return Err(WriteError::Foreign(path.clone()));
        }
    }
    Ok(())
}

fn create_directory(path: &Path) -> Result<(), WriteError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at(path))
}

/// Replaces a file in one step.
fn write_file(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let temporary = path.with_extension("tenantry-tmp");
    let write = || {
        let _ = fs::remove_file(&temporary);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(at(path))
}

/// The hash of a file. `None` if it does not exist.
fn current_hash(path: &Path) -> Result<Option<String>, WriteError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(hash(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn manifest(files: &BTreeMap<String, String>) -> String {
    serde_json::to_string_pretty(files).unwrap_or_default() + "\n"
}

fn read_manifest(path: &Path) -> Result<BTreeMap<String, String>, WriteError> {
    match fs::read(path) {
        Ok(bytes) => {
            let files: BTreeMap<String, String> =
                serde_json::from_slice(&bytes).map_err(|_| WriteError::Foreign(MANIFEST.to_owned()))?;
            // The list may have been changed to name files elsewhere.
            let is_below =
                |path: &String| !path.split('/').any(|part| part.is_empty() || part == ".." || part == ".");
            match files.keys().all(is_below) {
                true => Ok(files),
                false => Err(WriteError::Foreign(MANIFEST.to_owned())),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(at(path)(error)),
    }
}
