//! The errors of a private cluster.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why the private PostgreSQL could not be created, started, attached to or stopped.
///
/// Every message ends with the next step for the reader.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "PostgreSQL's programs (initdb, pg_ctl, postgres; version 15 or later) were not found in {searched}. \
         Install them (Debian and Ubuntu: apt-get install postgresql-15), set PG_BIN to their directory, \
         or set DATABASE_URL to use another PostgreSQL"
    )]
    ProgramsMissing { searched: String },

    #[error(
        "the data in {} were created by PostgreSQL {needed}, but only {found} is installed. \
         Install that version (Debian and Ubuntu: apt-get install postgresql-{needed}) or set PG_BIN to its directory",
        data.display()
    )]
    VersionMissing { data: PathBuf, needed: u32, found: String },

    #[error(
        "another server is using {}{}. Stop that server, or choose another directory with --data-dir",
        data_dir.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    AlreadyServed { data_dir: PathBuf, pid: Option<u32> },

    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user \"postgres\" nor a user \"nobody\" to run it as. \
         Create one of them, or start tenantry as an ordinary user"
    )]
    NoUnprivilegedUser,

    #[error(
        "{} belongs to another user (id {owner}). Start tenantry as that user or as root, \
         or choose another directory with --data-dir",
        path.display()
    )]
    OwnedByAnother { path: PathBuf, owner: u32 },

    #[error(
        "PostgreSQL runs as the user \"{user}\", who cannot enter {}. \
         Give that user access to the directories above (chmod o+x), or start tenantry as the user who owns them",
        path.display()
    )]
    Unreachable { path: PathBuf, user: String },

    #[error(
        "the password file of the database in {} is missing. Restore {} from a backup",
        data.display(), password.display()
    )]
    PasswordLost { data: PathBuf, password: PathBuf },

    #[error(
        "the database in {} could not be created: {output}. Check the free space and the permissions of the directory",
        data.display()
    )]
    Initialize { data: PathBuf, output: String },

    #[error("PostgreSQL did not start: {output}. See its log {}", log.display())]
    Start { log: PathBuf, output: String },

    #[error(
        "PostgreSQL did not stop: {output}. See its log {}. The next start attaches to the running server",
        log.display()
    )]
    Stop { log: PathBuf, output: String },

    #[error(
        "could not {action} {}: {source}. Check that the directory is writable and that the disk is not full",
        path.display()
    )]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

/// Adds the action that failed and its path to an [`io::Error`].
pub(crate) trait IoContext<T> {
    /// `action` is a verb, as in "could not *create* /path".
    fn context(self, action: &'static str, path: &Path) -> Result<T, ClusterError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn context(self, action: &'static str, path: &Path) -> Result<T, ClusterError> {
        self.map_err(|source| ClusterError::Io { action, path: path.to_owned(), source })
    }
}
