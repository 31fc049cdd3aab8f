//! File locks between the processes that share one data directory.
//!
//! The operating system lets them go when a process dies, however it dies, so
//! there is never a stale one.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::error::{ClusterError, Doing};

/// Held by the one process that serves `data_dir`.
pub(super) fn serve(data_dir: &Path) -> Result<File, ClusterError> {
    let path = data_dir.join("serve.lock");
    let mut file = open(&path)?;
    match file.try_lock() {
        Ok(()) => {
            let written = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| write!(file, "{}", std::process::id()));
            written.doing("write", &path)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid).doing("read", &path)?;
            Err(ClusterError::AlreadyServed { data_dir: data_dir.to_owned(), pid: pid.trim().parse().ok() })
        }
        Err(TryLockError::Error(error)) => Err(error).doing("lock", &path),
    }
}

/// Held while the cluster is created, started or stopped; waits for its turn.
pub(super) fn change(data_dir: &Path) -> Result<File, ClusterError> {
    let path = data_dir.join("postgres.lock");
    let file = open(&path)?;
    file.lock().doing("lock", &path)?;
    Ok(file)
}

/// Held, shared, by every process that uses the cluster.
pub(super) fn in_use(data_dir: &Path) -> Result<File, ClusterError> {
    let path = data_dir.join("postgres.users");
    let file = open(&path)?;
    file.lock_shared().doing("lock", &path)?;
    Ok(file)
}

/// Gives `in_use` up and says whether nobody else holds it.
/// Only sound under [`change`], which keeps newcomers out.
pub(super) fn was_last(in_use: &File, data_dir: &Path) -> Result<bool, ClusterError> {
    let path = data_dir.join("postgres.users");
    in_use.unlock().doing("unlock", &path)?;
    match in_use.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).doing("lock", &path),
    }
}

fn open(path: &Path) -> Result<File, ClusterError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .doing("open", path)
}
