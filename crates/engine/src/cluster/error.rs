//! What can go wrong with the private PostgreSQL, each with what to do about it.

use std::{io, path::PathBuf};

/// Why the private PostgreSQL could not be started, attached to or stopped.
///
/// Every message ends with the next step for the person who reads it.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "PostgreSQL's programs (initdb, pg_ctl, postgres; version 15 or later) were not found in {looked_in}. \
         Install them (Debian and Ubuntu: apt-get install postgresql-15), set PG_BIN to their folder, \
         or set DATABASE_URL to use another PostgreSQL"
    )]
    ProgramsMissing { looked_in: String },

    #[error(
        "the data in {} was made by PostgreSQL {needed}, but only {found} is installed. \
         Install that version (Debian and Ubuntu: apt-get install postgresql-{needed}) or set PG_BIN to its folder",
        data.display()
    )]
    VersionMissing { data: PathBuf, needed: u32, found: String },

    #[error(
        "{} is already served{}. Stop that server first, or give this one another --data-dir",
        data_dir.display(),
        pid.map(|pid| format!(" by process {pid}")).unwrap_or_default()
    )]
    AlreadyServed { data_dir: PathBuf, pid: Option<u32> },

    #[error(
        "there is neither a user \"postgres\" nor a user \"nobody\" to run PostgreSQL as, and it refuses to run as root. Create one, or start tenantry as an ordinary user"
    )]
    NoUnprivilegedUser,

    #[error(
        "{} belongs to another user (id {owner}). Start tenantry as that user or as root, or give another --data-dir",
        path.display()
    )]
    OwnedByAnother { path: PathBuf, owner: u32 },

    #[error(
        "the user \"{user}\", as whom PostgreSQL runs, cannot enter {}. \
         Let it pass through the folders above (chmod o+x), or start tenantry as the user they belong to",
        path.display()
    )]
    Unreachable { path: PathBuf, user: String },

    #[error(
        "the database in {} has lost its password file. Put {} back from a backup",
        data.display(), password.display()
    )]
    PasswordLost { data: PathBuf, password: PathBuf },

    #[error("initdb could not create the database in {}: {output}. Check the free space and the permissions there", data.display())]
    Initialise { data: PathBuf, output: String },

    #[error("PostgreSQL did not start: {output}. Its log is {}", log.display())]
    Start { log: PathBuf, output: String },

    #[error("PostgreSQL did not stop: {output}. Its log is {}; the next start takes over what still runs", log.display())]
    Stop { log: PathBuf, output: String },

    #[error("could not {doing} {}: {source}. Check that the folder is writable and the disk not full", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },

    #[error(
        "could not prepare the role and the database in the private PostgreSQL: {0}. Try again; if it persists, see postgres.log in the data directory"
    )]
    Prepare(#[source] sqlx::Error),

    #[error("the task that starts and stops PostgreSQL was interrupted: {0}. Try again")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Adds what was being done, and to which path, to an [`io::Error`].
pub(super) trait Doing<T> {
    fn doing(self, doing: &'static str, path: &std::path::Path) -> Result<T, ClusterError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &std::path::Path) -> Result<T, ClusterError> {
        self.map_err(|source| ClusterError::Io { doing, path: path.to_owned(), source })
    }
}
