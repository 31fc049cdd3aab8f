//! File locks between the processes that share a Tenantry data directory.
//!
//! The operating system releases the locks of a process that dies, so there are no stale locks.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::error::{ClusterError, IoContext};

/// Takes the lock that lets only one process serve `data_dir`. Fails if another process holds the lock.
pub(crate) fn lock_for_serving(data_dir: &Path) -> Result<File, ClusterError> {
    let path = data_dir.join("serve.lock");
    let mut file = open(&path)?;
    match file.try_lock() {
        Ok(()) => {
            let written = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| write!(file, "{}", std::process::id()));
            written.context("write", &path)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid).context("read", &path)?;
            Err(ClusterError::AlreadyServed { data_dir: data_dir.to_owned(), pid: pid.trim().parse().ok() })
        }
        Err(TryLockError::Error(error)) => Err(error).context("lock", &path),
    }
}

/// Takes the lock that serialises creating, starting and stopping the cluster. Waits for it.
pub(crate) fn lock_lifecycle(data_dir: &Path) -> Result<File, ClusterError> {
    let path = data_dir.join("postgres.lock");
    let file = open(&path)?;
    file.lock().context("lock", &path)?;
    Ok(file)
}

/// Takes the shared lock that every process holds while it uses the cluster.
pub(crate) fn lock_for_use(data_dir: &Path) -> Result<File, ClusterError> {
    let path = data_dir.join("postgres.users");
    let file = open(&path)?;
    file.lock_shared().context("lock", &path)?;
    Ok(file)
}

/// Releases the shared lock `in_use`, and tries to take an exclusive lock instead. Returns whether this
/// succeeded; it fails while another process uses the cluster. The caller holds the lock of
/// [`lock_lifecycle`], so that no process takes the lock in between.
pub(crate) fn try_lock_exclusively(in_use: &File, data_dir: &Path) -> Result<bool, ClusterError> {
    let path = data_dir.join("postgres.users");
    in_use.unlock().context("unlock", &path)?;
    match in_use.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("lock", &path),
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
        .context("open", path)
}
