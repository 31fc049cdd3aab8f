use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use domain::jobs::StepFailure;
use uuid::Uuid;

/// The file that contains our mark, which names the provisioning request that created the directory.
const MARK_FILE: &str = ".tenantry";
/// The suffix of directories that are not complete.
const UNFINISHED: &str = "-unfinished";
/// The suffix of directories that are being deleted.
const DELETING: &str = "-deleting";

/// Odoo's filestore, which has a directory for each database. Without a root, every function does nothing.
#[derive(Debug, Clone)]
pub(crate) struct Filestore {
    root: Option<PathBuf>,
}

impl Filestore {
    pub(crate) fn new(root: Option<PathBuf>) -> Self {
        Self { root }
    }

    /// Copies the directory of the template to the directory of a database and adds our mark. A directory
    /// with our mark is complete and is not changed.
    ///
    /// # Errors
    /// A permanent failure if the directory exists without our mark; a transient failure if the file system
    /// fails.
    pub(crate) async fn copy(&self, template: &str, database: &str, mark: &str) -> Result<(), StepFailure> {
        let (template, mark) = (template.to_owned(), mark.to_owned());
        // Dropping this future stops the copy.
        let alive = Arc::new(());
        let caller = Arc::downgrade(&alive);
        let copied = self.with_directory(database, move |directory| {
            if has_mark(directory, &mark) {
                return Ok(Ok(()));
            }
            if directory.try_exists()? {
                return Ok(Err(StepFailure::permanent(
                    "the directory of the database in the filestore exists but belongs to another request",
                )));
            }
            let source = directory.with_file_name(template);
            if source.try_exists()? {
                copy_atomically(&source, directory, &mark, &caller)?;
            }
            Ok(Ok(()))
        });
        let copied = copied.await;
        drop(alive);
        copied
    }

    /// Deletes the directory of a database if it has our mark.
    ///
    /// # Errors
    /// A transient failure if the file system fails.
    pub(crate) async fn delete(&self, database: &str, mark: &str) -> Result<(), StepFailure> {
        let mark = mark.to_owned();
        self.with_directory(database, move |directory| {
            delete_unfinished(directory)?;
            if has_mark(directory, &mark) {
                delete_directory(directory)?;
            }
            Ok(Ok(()))
        })
        .await
    }

    async fn with_directory(
        &self,
        database: &str,
        work: impl FnOnce(&Path) -> io::Result<Result<(), StepFailure>> + Send + 'static,
    ) -> Result<(), StepFailure> {
        let Some(root) = &self.root else { return Ok(()) };
        let directory = root.join(database);
        let done = tokio::task::spawn_blocking(move || work(&directory)).await;
        match done.map_err(io::Error::other).and_then(|done| done) {
            Ok(result) => result,
            Err(error) => Err(StepFailure::transient(format!("the filestore failed: {}", error.kind()))),
        }
    }
}

fn has_mark(directory: &Path, mark: &str) -> bool {
    fs::read_to_string(directory.join(MARK_FILE)).is_ok_and(|found| found == mark)
}

/// Copies `source` to a unique temporary name, then renames the complete copy to `directory`. If two
/// processes copy at the same time, the second rename fails, and the next attempt finds the directory of the
/// first process.
fn copy_atomically(source: &Path, directory: &Path, mark: &str, caller: &Weak<()>) -> io::Result<()> {
    delete_unfinished(directory)?;
    let unfinished = directory.with_extension(format!("{}{UNFINISHED}", Uuid::now_v7().simple()));
    copy_directory(source, &unfinished, caller)?;
    fs::write(unfinished.join(MARK_FILE), mark)?;
    fs::rename(&unfinished, directory).inspect_err(|_| {
        let _ = delete_directory(&unfinished);
    })
}

/// Deletes the directories that interrupted attempts left behind.
fn delete_unfinished(directory: &Path) -> io::Result<()> {
    let Some(root) = directory.parent() else { return Ok(()) };
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if extension.contains(UNFINISHED) && path.with_extension("") == directory {
            // After the rename, an attempt that still writes to the directory fails.
            let deleting = path.with_extension(format!("{extension}{DELETING}"));
            fs::rename(&path, &deleting)?;
            delete_directory(&deleting)?;
        }
    }
    Ok(())
}

fn delete_directory(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Copies a directory recursively. Keeps the owners if the process may set them, because Odoo must be able to
/// write to the copy.
fn copy_directory(source: &Path, target: &Path, caller: &Weak<()>) -> io::Result<()> {
    fs::create_dir(target)?;
    for entry in fs::read_dir(source)? {
        if caller.strong_count() == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let entry = entry?;
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_directory(&from, &to, caller)?;
        } else {
            fs::copy(&from, &to)?;
            keep_owner(&from, &to);
        }
    }
    fs::set_permissions(target, fs::Permissions::from_mode(fs::metadata(source)?.mode()))?;
    keep_owner(source, target);
    Ok(())
}

fn keep_owner(source: &Path, target: &Path) {
    if let Ok(owner) = fs::metadata(source) {
        // Only root may change owners. Other users own the copy already.
        let _ = chown(target, Some(owner.uid()), Some(owner.gid()));
    }
}
