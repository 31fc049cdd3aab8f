//! The static files of `public/`, which keep their names.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{Result, files, tools};

/// Copies the files of `public/` to the site, and removes all other files of the site except those below
/// `kept`. Returns the text files whose compressed copies are missing or outdated.
///
/// # Errors
/// Fails if a file cannot be read, written or removed.
pub(crate) fn copy(site: &Path, kept: &[&str]) -> Result<Vec<PathBuf>> {
    let public = tools::root().join("public");
    let mut wanted = BTreeSet::new();
    let mut changed = Vec::new();
    for source in files::below(&public)? {
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
    for path in files::below(site)? {
        let is_kept = kept.iter().any(|name| path.starts_with(site.join(name)));
        if !is_kept && !wanted.contains(&path) {
            files::remove(&path)?;
        }
    }
    Ok(changed)
}

fn is_older(path: &Path, than: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    modified(path) < modified(than)
}
