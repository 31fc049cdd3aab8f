//! The private PostgreSQL of a machine with nothing to configure (SPEC section 2).
//!
//! [`PrivateCluster::attach_or_start`] makes a cluster under the data directory
//! at the first start, starts it, or attaches to the one that runs there, also
//! when a killed process left it behind. Any number of processes may use it at
//! once; the last one that calls [`PrivateCluster::stop`] stops it. Why it is
//! built this way: `docs/adr/0002-private-postgresql.md`.

mod account;
mod binaries;
mod bootstrap;
mod error;
mod home;
mod locks;
mod postmaster;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use sqlx::postgres::PgConnectOptions;
use tokio::task::spawn_blocking;

pub use self::error::ClusterError;
use self::{error::Doing, home::Home, postmaster::Postmaster};

/// What the calling process is to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attach {
    /// The server: only one at a time on a data directory.
    Serve,
    /// A command beside a server, or without one.
    Command,
}

/// A running private PostgreSQL that this process uses.
///
/// Dropping it leaves PostgreSQL running for the next process to attach to;
/// [`stop`](Self::stop) is the orderly end.
#[derive(Debug)]
pub struct PrivateCluster {
    data_dir: PathBuf,
    postmaster: Postmaster,
    options: PgConnectOptions,
    notice: Option<String>,
    in_use: File,
    _serving: Option<File>,
}

impl PrivateCluster {
    /// Attaches to the cluster of `data_dir`, after creating or starting it if
    /// need be. PostgreSQL's programs are looked for as the README says, with
    /// the variable `PG_BIN` first. Takes about 2 s the first time and 0.2 s
    /// later; waits while another process does the same.
    ///
    /// # Errors
    /// [`ClusterError::AlreadyServed`] for a second [`Attach::Serve`],
    /// [`ClusterError::ProgramsMissing`] without PostgreSQL's programs, and
    /// what the file system or PostgreSQL refuse.
    pub async fn attach_or_start(data_dir: &Path, role: Attach) -> Result<Self, ClusterError> {
        let pg_bin = std::env::var_os("PG_BIN").filter(|folder| !folder.is_empty());
        Self::attach_or_start_with(data_dir, role, pg_bin.map(PathBuf::from)).await
    }

    /// [`attach_or_start`](Self::attach_or_start) with the folder of
    /// PostgreSQL's programs given here instead of by `PG_BIN`.
    pub async fn attach_or_start_with(
        data_dir: &Path,
        role: Attach,
        pg_bin: Option<PathBuf>,
    ) -> Result<Self, ClusterError> {
        let data_dir = data_dir.to_owned();
        let started = spawn_blocking(move || Started::new(&data_dir, role, pg_bin)).await??;
        bootstrap::prepare(&started.cluster.options, &started.password).await?;
        Ok(started.cluster)
    }

    /// How to connect: Unix socket, role `tenantry`, database `tenantry`.
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Something to tell whoever started this: where the database is, when that
    /// is not in the data directory.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Leaves the cluster, and stops PostgreSQL (fast shutdown) if no other
    /// process uses it. Close the connections first.
    ///
    /// # Errors
    /// [`ClusterError::Stop`] when PostgreSQL still runs after 60 s.
    pub async fn stop(self) -> Result<(), ClusterError> {
        spawn_blocking(move || {
            let _turn = locks::change(&self.data_dir)?;
            if locks::was_last(&self.in_use, &self.data_dir)? {
                self.postmaster.stop()?;
            }
            Ok(())
        })
        .await?
    }
}

/// A cluster that runs, whose role and database may still be missing.
struct Started {
    cluster: PrivateCluster,
    password: secrecy::SecretString,
    /// Nobody else may look before role and database are there.
    _turn: File,
}

impl Started {
    fn new(data_dir: &Path, role: Attach, pg_bin: Option<PathBuf>) -> Result<Self, ClusterError> {
        fs::create_dir_all(data_dir).doing("create", data_dir)?;
        let data_dir = fs::canonicalize(data_dir).doing("find", data_dir)?;
        let serving = match role {
            Attach::Serve => Some(locks::serve(&data_dir)?),
            Attach::Command => None,
        };
        let turn = locks::change(&data_dir)?;
        let in_use = locks::in_use(&data_dir)?;
        let home = Home::open(&data_dir)?;
        let programs = binaries::find(pg_bin.as_deref(), &home.data())?;
        let password = home.password()?;
        let notice = home.notice.clone();
        let postmaster = Postmaster::new(programs, home);
        let socket_folder = postmaster.ensure_running()?;
        Ok(Self {
            cluster: PrivateCluster {
                options: bootstrap::options(&socket_folder, &password),
                data_dir,
                postmaster,
                notice,
                in_use,
                _serving: serving,
            },
            password,
            _turn: turn,
        })
    }
}
