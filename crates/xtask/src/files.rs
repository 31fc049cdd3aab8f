//! File operations: list, name, remove, replace.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use crate::Result;

/// Returns every file below `directory`, sorted. Returns an empty list if the directory does not exist.
///
/// # Errors
/// Fails if a directory cannot be read.
pub(crate) fn list_recursively(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if directory.is_dir() {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() { found.extend(list_recursively(&path)?) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Appends an extension: `a.css` and `br` give `a.css.br`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Returns whether `path` is the compressed copy of another file.
pub(crate) fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "br" || extension == "gz")
}

/// Returns whether a file is text. Only text is compressed, because images and fonts are already compressed.
pub(crate) fn is_text(path: &Path) -> bool {
    const TEXT: [&str; 8] = ["css", "html", "js", "json", "svg", "txt", "webmanifest", "xml"];
    path.extension().and_then(OsStr::to_str).is_some_and(|extension| TEXT.contains(&extension))
}

/// Removes a file or a directory.
///
/// # Errors
/// Fails if `path` does not exist or cannot be removed.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Writes a file atomically: a reader sees the complete old content or the complete new content.
///
/// # Errors
/// Fails if the file cannot be written.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    fs::write(&temporary, content)?;
    fs::rename(temporary, path)
}
