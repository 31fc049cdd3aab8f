//! A private PostgreSQL cluster for a machine without a configured database (`docs/specification.md`,
//! section 2).
//!
//! [`PrivateCluster::attach_or_start`] creates and starts the cluster of a Tenantry data directory. If the
//! cluster is running, the function attaches to it, even if the process that started it was killed. Any
//! number of processes can use a cluster at the same time. The last process that calls
//! [`PrivateCluster::stop`] stops it. `docs/adr/0002-private-postgresql.md` explains the design.
//!
//! All functions block the calling thread; asynchronous callers use `spawn_blocking`.

mod error;
mod home;
mod initialize;
mod locks;
mod os_user;
mod postmaster;
mod programs;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

pub use self::error::ClusterError;
use self::{error::IoContext, home::Home, postmaster::Postmaster, programs::Programs};

/// How the calling process uses the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attach {
    /// As the server. A data directory has at most one server at a time.
    Serve,
    /// As a command, with or without a running server.
    Command,
}

/// A running private PostgreSQL that this process uses.
///
/// Dropping this value does not stop PostgreSQL; the next process attaches to the running cluster. Call
/// [`stop`](Self::stop) for an orderly shutdown.
#[derive(Debug)]
pub struct PrivateCluster {
    data_dir: PathBuf,
    postmaster: Postmaster,
    socket_directory: PathBuf,
    password: SecretString,
    notice: Option<String>,
    in_use: File,
    _serving: Option<File>,
}

impl PrivateCluster {
    /// Attaches to the cluster of `data_dir`. Creates and starts it first if necessary, which takes about 2 s
    /// the first time and 0.2 s later. Waits while another process does the same.
    ///
    /// Looks for the PostgreSQL programs in the directory that the environment variable `PG_BIN` names. If
    /// the variable is not set, looks in `pg_config --bindir`, the usual directories and `PATH`.
    ///
    /// # Errors
    /// [`ClusterError::AlreadyServed`] for a second [`Attach::Serve`], [`ClusterError::ProgramsMissing`] if
    /// PostgreSQL is not installed, and the errors of the file system and of PostgreSQL.
    pub fn attach_or_start(data_dir: &Path, attach: Attach) -> Result<Self, ClusterError> {
        let pg_bin = std::env::var_os("PG_BIN").filter(|directory| !directory.is_empty());
        Self::attach_or_start_with(data_dir, attach, pg_bin.as_deref().map(Path::new))
    }

    /// Like [`attach_or_start`](Self::attach_or_start), with `pg_bin` instead of the variable `PG_BIN`.
    ///
    /// # Errors
    /// The errors of [`attach_or_start`](Self::attach_or_start).
    pub fn attach_or_start_with(
        data_dir: &Path,
        attach: Attach,
        pg_bin: Option<&Path>,
    ) -> Result<Self, ClusterError> {
        fs::create_dir_all(data_dir).context("create", data_dir)?;
        let data_dir = fs::canonicalize(data_dir).context("find", data_dir)?;
        let serving = match attach {
            Attach::Serve => Some(locks::lock_for_serving(&data_dir)?),
            Attach::Command => None,
        };
        let _lifecycle = locks::lock_lifecycle(&data_dir)?;
        let in_use = locks::lock_for_use(&data_dir)?;
        let home = Home::open(&data_dir)?;
        let programs = Programs::find(pg_bin, &home.pgdata())?;
        let password = home.password()?;
        let notice = home.notice.clone();
        let postmaster = Postmaster::new(programs, home);
        let socket_directory = postmaster.ensure_running(&password)?;
        Ok(Self { data_dir, postmaster, socket_directory, password, notice, in_use, _serving: serving })
    }

    /// Returns the URL to connect with, for sqlx and libpq: by Unix socket, as the role `tenantry`, to the
    /// database `tenantry`. The URL contains the password.
    #[must_use]
    pub fn url(&self) -> SecretString {
        let (role, port) = (initialize::ROLE, postmaster::PORT);
        let password = self.password.expose_secret();
        let host = percent_encode(&self.socket_directory);
        format!(
            "postgres://{role}:{password}@localhost:{port}/{}?host={host}&sslmode=disable",
            initialize::DATABASE
        )
        .into()
    }

    /// Returns the directory of the PostgreSQL programs that run the cluster.
    #[must_use]
    pub fn programs(&self) -> &Path {
        self.postmaster.programs().directory()
    }

    /// Returns a message with the location of the database if it is not in Tenantry's data directory.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Detaches from the cluster, and stops PostgreSQL (fast shutdown) if no other process uses it. Close the
    /// connections first.
    ///
    /// # Errors
    /// [`ClusterError::Stop`] if PostgreSQL is still running after 60 s.
    pub fn stop(self) -> Result<(), ClusterError> {
        let _lifecycle = locks::lock_lifecycle(&self.data_dir)?;
        if locks::try_lock_exclusively(&self.in_use, &self.data_dir)? {
            self.postmaster.stop()?;
        }
        Ok(())
    }
}

fn percent_encode(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                encoded.push(char::from(*byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
