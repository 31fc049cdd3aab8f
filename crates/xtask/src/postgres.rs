//! A temporary PostgreSQL cluster, which is stopped and deleted when its value is dropped.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;

use crate::{Result, temporary_directory::TemporaryDirectory};

/// A running cluster in a temporary directory.
#[derive(Debug)]
pub(crate) struct TemporaryPostgres {
    /// `None` after the cluster was stopped.
    cluster: Option<PrivateCluster>,
    url: String,
    _directory: TemporaryDirectory,
}

impl TemporaryPostgres {
    /// Creates and starts a cluster.
    ///
    /// # Errors
    /// Fails if the machine has no PostgreSQL, or if the cluster cannot start.
    pub(crate) fn start() -> Result<Self> {
        let directory = TemporaryDirectory::new("postgres")?;
        let cluster = PrivateCluster::attach_or_start(directory.path(), Attach::Command)?;
        let url = cluster.url().expose_secret().to_owned();
        Ok(Self { cluster: Some(cluster), url, _directory: directory })
    }

    /// Returns the URL for sqlx and psql. Connections with this URL have `schema` as their `search_path`.
    pub(crate) fn url(&self, schema: &str) -> String {
        format!("{}&options=-c%20search_path%3D{schema}%20-c%20client_min_messages%3Dwarning", self.url)
    }

    /// Returns a `psql` command that prints no results and stops at the first error.
    pub(crate) fn psql(&self, schema: &str) -> Command {
        // If the package of the server does not contain psql, use the psql in `PATH`.
        let programs = self.cluster.as_ref().map_or(Path::new(""), PrivateCluster::programs);
        let program =
            Some(programs.join("psql")).filter(|path| path.is_file()).unwrap_or_else(|| "psql".into());
        let mut psql = Command::new(program);
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d"]).arg(self.url(schema));
        psql.stdin(Stdio::null()).stdout(Stdio::null());
        psql
    }
}

impl Drop for TemporaryPostgres {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.cluster.take().map(PrivateCluster::stop) {
            eprintln!("{error}");
        }
    }
}
