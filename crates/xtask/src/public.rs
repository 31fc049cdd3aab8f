//! Copies the static files of `public/`. Their names get no content hash.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{Result, files, tools};

/// Copies the files of `public/` to the site, and removes all other files of the site except those in
/// `preserved`. Returns the text files whose compressed copies are missing or outdated.
///
/// # Errors
/// Fails if a file cannot be read, written or removed.
pub(crate) fn copy(site: &Path, preserved: &[&str]) -> Result<Vec<PathBuf>> {
    let public = tools::root().join("public");
    let mut wanted = BTreeSet::new();
    let mut changed = Vec::new();
    for source in files::list_recursively(&public)? {
        let copy = site.join(source.strip_prefix(&public)?);
        let content = fs::read(&source)?;
        if fs::read(&copy).ok().as_ref() != Some(&content) {
            fs::create_dir_all(copy.parent().unwrap_or(site))?;
            fs::write(&copy, content)?;
        }
        if files::is_text(&copy) {
            let compressed = [files::with_suffix(&copy, "br"), files::with_suffix(&copy, "gz")];
            if is_older(&compressed[0], &copy) {
                changed.push(copy.clone());
            }
            wanted.extend(compressed);
        }
        wanted.insert(copy);
    }
    for path in files::list_recursively(site)? {
        let is_preserved = preserved.iter().any(|name| path.starts_with(site.join(name)));
        if !is_preserved && !wanted.contains(&path) {
            files::remove(&path)?;
        }
    }
    Ok(changed)
}

fn is_older(path: &Path, than: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    modified(path) < modified(than)
}
