//! The operating system user that runs PostgreSQL. PostgreSQL refuses to run as root.

use std::{
    fs, io,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Uid, User, geteuid};

use crate::error::{ClusterError, IoContext};

/// The user that owns PostgreSQL's processes and files.
#[derive(Debug, Clone)]
pub(crate) struct OsUser {
    uid: u32,
    /// The user that child processes switch to. `None` if this process is not root.
    switch_to: Option<User>,
}

impl OsUser {
    /// Selects the user of this process. If this process is root, selects the owner of `home` if `home`
    /// exists and does not belong to root, otherwise `postgres`, otherwise `nobody`.
    pub(crate) fn for_home(home: &Path) -> Result<Self, ClusterError> {
        let current = geteuid();
        let owner = fs::metadata(home).map(|metadata| metadata.uid()).ok();
        if !current.is_root() {
            return match owner {
                Some(owner) if owner != current.as_raw() => {
                    Err(ClusterError::OwnedByAnother { path: home.to_owned(), owner })
                }
                _ => Ok(Self { uid: current.as_raw(), switch_to: None }),
            };
        }
        let user = owner
            .filter(|uid| *uid != 0)
            .and_then(|uid| User::from_uid(Uid::from_raw(uid)).ok().flatten())
            .or_else(|| ["postgres", "nobody"].into_iter().find_map(user_named))
            .ok_or(ClusterError::NoUnprivilegedUser)?;
        Ok(Self { uid: user.uid.as_raw(), switch_to: Some(user) })
    }

    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }

    /// Returns the name of the user for messages, or the user ID if the user has no name.
    pub(crate) fn name(&self) -> String {
        let user = User::from_uid(Uid::from_raw(self.uid)).ok().flatten();
        user.map_or_else(|| self.uid.to_string(), |user| user.name)
    }

    /// Sets the user that runs `command`.
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Some(user) = &self.switch_to {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
    }

    /// Changes the owner of `path` to this user. Does not follow links.
    pub(crate) fn change_owner(&self, path: &Path) -> Result<(), ClusterError> {
        match &self.switch_to {
            Some(user) => std::os::unix::fs::lchown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                .context("change the owner of", path),
            None => Ok(()),
        }
    }

    /// Returns whether this user can enter `directory`. Starts a child process in the directory to check it.
    pub(crate) fn can_enter(&self, directory: &Path) -> io::Result<bool> {
        if self.switch_to.is_none() {
            return Ok(true);
        }
        let mut child = Command::new("/bin/sh");
        child.args(["-c", ":"]).current_dir(directory);
        child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.apply(&mut child);
        match child.status() {
            Ok(status) => Ok(status.success()),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn user_named(name: &str) -> Option<User> {
    User::from_name(name).ok().flatten()
}
