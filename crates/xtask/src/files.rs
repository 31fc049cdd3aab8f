//! Files: walking, hashing, compressing.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};

use crate::{Result, tools};

/// Every file below a folder, sorted; none when the folder does not exist.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { found.extend(below(&path)?) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// The first 16 hexadecimal digits of SHA-256 over the parts, which is what file names carry.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A hash over names and contents of files, and over the program that turns them into the site.
pub(crate) fn stamp(inputs: &[PathBuf]) -> Result<String> {
    let mut text = hash(&[&fs::read(std::env::current_exe()?)?]);
    for input in inputs {
        text += &format!("{} {}\n", input.display(), hash(&[&fs::read(input)?]));
    }
    Ok(hash(&[text.as_bytes()]))
}

/// A name with something more at its end: `a.css` and `br` give `a.css.br`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Writes the brotli and gzip forms beside each file.
pub(crate) fn compress(files: &[PathBuf]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    tools::run(Command::new("node").arg(tools::root().join("crates/xtask/compress.mjs")).args(files))
}

/// Removes a file or a folder.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Writes a file so that a reader sees the old content or the new, never a part.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, content)?;
    fs::rename(fresh, path)
}

/// Whether compressing helps: text does, images and fonts are compressed already.
pub(crate) fn is_text(path: &Path) -> bool {
    const TEXT: [&str; 8] = ["css", "html", "js", "json", "svg", "txt", "webmanifest", "xml"];
    path.extension().and_then(OsStr::to_str).is_some_and(|extension| TEXT.contains(&extension))
}
