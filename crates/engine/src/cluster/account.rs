//! Which operating system user runs PostgreSQL: it refuses to be root.

use std::{
    fs, io,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Uid, User, geteuid};

use super::error::{ClusterError, Doing};

/// The user that PostgreSQL's processes and files belong to.
#[derive(Debug, Clone)]
pub(super) struct Account {
    uid: u32,
    /// Set when this process is root and must give its rights up for each child.
    drop_to: Option<User>,
}

impl Account {
    /// This process's own user; for root, the user who owns `home` already,
    /// else `postgres`, else `nobody`.
    pub(super) fn for_home(home: &Path) -> Result<Self, ClusterError> {
        let me = geteuid();
        let owner = fs::metadata(home).map(|found| found.uid()).ok();
        if !me.is_root() {
            return match owner {
                Some(owner) if owner != me.as_raw() => {
                    Err(ClusterError::OwnedByAnother { path: home.to_owned(), owner })
                }
                _ => Ok(Self { uid: me.as_raw(), drop_to: None }),
            };
        }
        let user = owner
            .filter(|uid| *uid != 0)
            .and_then(|uid| User::from_uid(Uid::from_raw(uid)).ok().flatten())
            .or_else(|| ["postgres", "nobody"].into_iter().find_map(named))
            .ok_or(ClusterError::NoUnprivilegedUser)?;
        Ok(Self { uid: user.uid.as_raw(), drop_to: Some(user) })
    }

    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// The name for messages; empty when it is this process's own user.
    pub(super) fn name(&self) -> &str {
        self.drop_to.as_ref().map_or("", |user| user.name.as_str())
    }

    /// Makes `command` run as this user.
    pub(super) fn apply(&self, command: &mut Command) {
        if let Some(user) = &self.drop_to {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
    }

    /// Gives `path` (never a link's target) to this user.
    pub(super) fn own(&self, path: &Path) -> Result<(), ClusterError> {
        match &self.drop_to {
            Some(user) => std::os::unix::fs::lchown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                .doing("change the owner of", path),
            None => Ok(()),
        }
    }

    /// Whether this user can enter `folder`, tried by a child that does so.
    pub(super) fn can_enter(&self, folder: &Path) -> io::Result<bool> {
        if self.drop_to.is_none() {
            return Ok(true);
        }
        let mut child = Command::new("/bin/sh");
        child.args(["-c", ":"]).current_dir(folder);
        child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.apply(&mut child);
        match child.status() {
            Ok(status) => Ok(status.success()),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn named(name: &str) -> Option<User> {
    User::from_name(name).ok().flatten()
}
