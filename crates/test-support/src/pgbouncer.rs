//! A real PgBouncer in front of a PostgreSQL server.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use url::Url;

use crate::wait::block_until;

/// The path of the program in Debian's package. Not every user has this directory in the `PATH`.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A PgBouncer in transaction mode, on a Unix socket. Dropping this value stops it.
pub struct PgBouncer {
    directory: PathBuf,
    process: Child,
}

impl PgBouncer {
    /// Starts a PgBouncer in front of the server in `url`, with at most `pool_size` connections to each
    /// database. `settings` are further lines of its configuration.
    ///
    /// # Panics
    /// If PgBouncer is missing (`scripts/setup test` installs it) or does not start.
    #[must_use]
    pub fn start(url: &str, pool_size: u32, settings: &str) -> Self {
        let directory =
            std::env::temp_dir().join(format!("tenantry-pgbouncer-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir(&directory).unwrap();
        let url: Url = url.parse().unwrap();
        let socket = url.host_str().unwrap().replace("%2F", "/");
        let server =
            format!("host={socket} port=5432 user={} password={}", url.username(), url.password().unwrap());
        let configuration = format!(
            "[databases]\n* = {server}\n[pgbouncer]\nunix_socket_dir = {}\nlisten_port = 5432\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = {pool_size}\nmax_client_conn = 500\n{settings}\n",
            directory.display()
        );
        let file = directory.join("pgbouncer.ini");
        fs::write(&file, configuration).unwrap();
        // PgBouncer refuses to run as root, and only the owner of the server's socket may connect to it.
        let owner = fs::metadata(&socket).unwrap();
        chown(&directory, Some(owner.uid()), Some(owner.gid())).unwrap();
        let program = if Path::new(PROGRAM).exists() { PROGRAM } else { "pgbouncer" };
        let mut command = Command::new(program);
        command.arg(&file).uid(owner.uid()).gid(owner.gid());
        command.stdout(Stdio::null()).stderr(fs::File::create(directory.join("pgbouncer.log")).unwrap());
        let process = command.spawn().expect("`scripts/setup test` installs PgBouncer");
        block_until("PgBouncer to listen", || directory.join(".s.PGSQL.5432").exists());
        Self { directory, process }
    }

    /// The URL of a database through this PgBouncer.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let host = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://anyone@{host}:5432/{database}?sslmode=disable")
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
