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
    /// No searched directory has all PostgreSQL programs in a supported version.
    #[error(
        "PostgreSQL's programs (initdb, pg_ctl, postgres; version 15 or later) were not found in {searched}. \
         Install them (Debian and Ubuntu: apt-get install postgresql-15), set PG_BIN to their directory, \
         or set DATABASE_URL to use another PostgreSQL"
    )]
    ProgramsMissing {
        /// A description of the searched directories.
        searched: String,
    },

    /// The major version of PostgreSQL that created the data was not found. Other versions cannot open the
    /// data.
    #[error(
        "the data in {} was created by PostgreSQL {needed}, which was not found (found: {found}). \
         Install that version (Debian and Ubuntu: apt-get install postgresql-{needed}) or set PG_BIN to its directory",
        pgdata.display()
    )]
    VersionMissing {
        /// PostgreSQL's data directory.
        pgdata: PathBuf,
        /// The major version that created the data.
        needed: u32,
        /// The major versions that were found, separated by commas.
        found: String,
    },

    /// Another process already serves Tenantry's data directory.
    #[error(
        "another server is using {}{}. Stop it, or choose another directory with --data-dir",
        data_dir.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    AlreadyServed {
        /// Tenantry's data directory.
        data_dir: PathBuf,
        /// The other process; `None` if it has not written its ID yet.
        pid: Option<u32>,
    },

    /// This process is root, and no other user can run PostgreSQL.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user \"postgres\" nor a user \"nobody\" to run it as. \
         Create one of them, or start tenantry as an ordinary user"
    )]
    NoUnprivilegedUser,

    /// A directory belongs to another user than the one that runs PostgreSQL.
    #[error(
        "{} belongs to another user (ID {owner}). Start tenantry as that user or as root, \
         or choose another directory with --data-dir",
        path.display()
    )]
    OwnedByAnother {
        /// The directory.
        path: PathBuf,
        /// The ID of the user who owns the directory.
        owner: u32,
    },

    /// A file or a symbolic link exists where the cluster needs a directory.
    #[error(
        "{} is not a directory. Move it to another place, or choose another directory with --data-dir",
        path.display()
    )]
    NotADirectory {
        /// The path of the file or link.
        path: PathBuf,
    },

    /// The user that runs PostgreSQL cannot enter the directory of the cluster.
    #[error(
        "PostgreSQL runs as the user \"{user}\", who cannot enter {}. \
         Give that user access to its parent directories (chmod o+x), or start tenantry as the user who owns them",
        path.display()
    )]
    HomeNotAccessible {
        /// The directory of the cluster.
        path: PathBuf,
        /// The name of the user that runs PostgreSQL.
        user: String,
    },

    /// PostgreSQL's data directory exists, but the file with the password is missing or empty.
    #[error(
        "the password file of the database in {} is missing. Restore {} from a backup",
        pgdata.display(), password.display()
    )]
    PasswordLost {
        /// PostgreSQL's data directory.
        pgdata: PathBuf,
        /// The missing file.
        password: PathBuf,
    },

    /// `initdb` failed, or the role or the database could not be created.
    #[error(
        "the database in {} could not be created: {output}. Check the free space and the permissions of the directory",
        pgdata.display()
    )]
    Initialize {
        /// PostgreSQL's data directory.
        pgdata: PathBuf,
        /// The output of the program that failed.
        output: String,
    },

    /// PostgreSQL ended or was not ready within 300 s.
    #[error("PostgreSQL did not start: {output}. See its log {}", log.display())]
    Start {
        /// PostgreSQL's log file.
        log: PathBuf,
        /// The last lines of the log.
        output: String,
    },

    /// PostgreSQL did not stop within 60 s.
    #[error(
        "PostgreSQL did not stop: {output}. See its log {}. The next start attaches to the running server",
        log.display()
    )]
    Stop {
        /// PostgreSQL's log file.
        log: PathBuf,
        /// The output of `pg_ctl`.
        output: String,
    },

    /// The file system refused an operation, or a program could not be run.
    #[error(
        "could not {action} {}: {source}. Check the permissions of this path and the free space of the disk",
        path.display()
    )]
    Io {
        /// The operation as a verb, as in "could not *create* /path".
        action: &'static str,
        /// The path of the operation.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
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
