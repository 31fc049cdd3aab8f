use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use domain::jobs::StepFailure;
use uuid::Uuid;

/// Holds the mark of whoever the folder was copied for.
const MARK: &str = ".tenantry";
/// What names of folders end with that are not whole yet.
const UNFINISHED: &str = "-unfinished";
/// What they end with that are being removed.
const GONE: &str = "-gone";

/// Odoo's attachments, in a folder for each database. Without a root there are none to care for.
#[derive(Debug, Clone)]
pub struct Files {
    root: Option<PathBuf>,
}

impl Files {
    pub fn new(root: Option<PathBuf>) -> Self {
        Self { root }
    }

    /// Copies the template's folder to that of a database, whole and with our mark. One that is there with
    /// our mark is whole already.
    ///
    /// # Errors
    /// A lasting one when somebody else's folder is there; a passing one when the file system refuses.
    pub async fn copy(&self, template: &str, database: &str, mark: &str) -> Result<(), StepFailure> {
        let (template, mark) = (template.to_owned(), mark.to_owned());
        // Whoever no longer waits for the copy stops it, too.
        let waiting = Arc::new(());
        let stop = Arc::downgrade(&waiting);
        let copied = self.at(database, move |folder| {
            if has_mark(folder, &mark) {
                return Ok(Ok(()));
            }
            if folder.try_exists()? {
                return Ok(Err(StepFailure::permanent(
                    "the database's folder of files is there and is not ours",
                )));
            }
            let source = folder.with_file_name(template);
            if source.try_exists()? {
                copy_whole(&source, folder, &mark, &stop)?;
            }
            Ok(Ok(()))
        });
        let copied = copied.await;
        drop(waiting);
        copied
    }

    /// Removes the folder of a database, if it is there with our mark.
    ///
    /// # Errors
    /// A passing one when the file system refuses.
    pub async fn remove(&self, database: &str, mark: &str) -> Result<(), StepFailure> {
        let mark = mark.to_owned();
        self.at(database, move |folder| {
            remove_unfinished(folder)?;
            if has_mark(folder, &mark) {
                remove_folder(folder)?;
            }
            Ok(Ok(()))
        })
        .await
    }

    async fn at(
        &self,
        database: &str,
        work: impl FnOnce(&Path) -> io::Result<Result<(), StepFailure>> + Send + 'static,
    ) -> Result<(), StepFailure> {
        let Some(root) = &self.root else { return Ok(()) };
        let folder = root.join(database);
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        match done.map_err(io::Error::other).and_then(|done| done) {
            Ok(result) => result,
            Err(error) => Err(StepFailure::transient(format!("the folder of files: {}", error.kind()))),
        }
    }
}

fn has_mark(folder: &Path, mark: &str) -> bool {
    fs::read_to_string(folder.join(MARK)).is_ok_and(|there| there == mark)
}

/// Copies under a name of its own, which nobody else works in, and only then gives it its name. Of two
/// who do so the second fails, and finds the first's when it tries again.
fn copy_whole(source: &Path, folder: &Path, mark: &str, stop: &Weak<()>) -> io::Result<()> {
    remove_unfinished(folder)?;
    let unfinished = folder.with_extension(format!("{}{UNFINISHED}", Uuid::now_v7().simple()));
    copy_folder(source, &unfinished, stop)?;
    fs::write(unfinished.join(MARK), mark)?;
    fs::rename(&unfinished, folder).inspect_err(|_| {
        let _ = remove_folder(&unfinished);
    })
}

/// Removes what tries that were cut off have left.
fn remove_unfinished(folder: &Path) -> io::Result<()> {
    let Some(root) = folder.parent() else { return Ok(()) };
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let kind = path.extension().unwrap_or_default().to_string_lossy();
        if kind.contains(UNFINISHED) && path.with_extension("") == folder {
            // Out of the way of a try that still writes there: it fails then, and gives it no name.
            let gone = path.with_extension(format!("{kind}{GONE}"));
            fs::rename(&path, &gone)?;
            remove_folder(&gone)?;
        }
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Copies a folder with all that is in it. What is in it belongs to whom it belonged to before, where we
/// may say so: Odoo must be able to write there.
fn copy_folder(source: &Path, target: &Path, stop: &Weak<()>) -> io::Result<()> {
    fs::create_dir(target)?;
    for entry in fs::read_dir(source)? {
        if stop.strong_count() == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let entry = entry?;
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&from, &to, stop)?;
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
        // Only root may; others are the owner already, or of the same group.
        let _ = chown(target, Some(owner.uid()), Some(owner.gid()));
    }
}
