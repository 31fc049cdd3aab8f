//! PostgreSQL 14, which Tenantry refuses.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{test_cluster::send_signal, wait::block_until};

/// The ID of the user `nobody`. PostgreSQL runs as this user if root runs the tests.
const NOBODY: u32 = 65534;

/// A running PostgreSQL 14. Dropping this value stops it.
pub struct OldPostgres {
    directory: PathBuf,
    process: Child,
}

impl OldPostgres {
    /// Starts a new cluster of PostgreSQL 14.
    ///
    /// # Panics
    /// If PostgreSQL 14 is missing (`scripts/setup test` installs it) or does not start.
    #[must_use]
    pub fn start() -> Self {
        let directory = std::env::temp_dir().join(format!("tenantry-old-{}", uuid::Uuid::now_v7().simple()));
        // A copy, because `nobody` may not read root's cache.
        run(Command::new("cp").arg("-r").arg(installation()).arg(&directory));
        let user = match fs::metadata("/proc/self").unwrap().uid() {
            0 => NOBODY,
            user => user,
        };
        run(Command::new("chown").args(["-R", &user.to_string()]).arg(&directory));
        let data = directory.join("data");
        let initdb = ["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C", "-D"];
        run(program(&directory, "initdb", user).args(initdb).arg(&data));
        let mut postgres = program(&directory, "postgres", user);
        postgres.arg("-D").arg(&data).args(["-F", "-c", "listen_addresses=", "-k"]).arg(&directory);
        let process = postgres.spawn().unwrap();
        let status = || fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        block_until("PostgreSQL 14 to start", || status().contains("ready"));
        Self { directory, process }
    }

    /// The URL of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres@{}:5432/postgres",
            self.directory.display().to_string().replace('/', "%2F")
        )
    }
}

impl Drop for OldPostgres {
    fn drop(&mut self) {
        send_signal("-QUIT", &self.process.id().to_string());
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The directory to which `scripts/setup test` installs PostgreSQL 14.
fn installation() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache =
        cache.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").expect("HOME is set")).join(".cache"));
    cache.join("tenantry/postgres-14")
}

/// A program of the copied installation.
fn program(directory: &Path, name: &str, user: u32) -> Command {
    let mut command = Command::new(directory.join("bin").join(name));
    command.current_dir(directory).uid(user);
    command.stdout(Stdio::null()).stderr(fs::File::create(directory.join(format!("{name}.log"))).unwrap());
    command
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}; `scripts/setup test` installs PostgreSQL 14");
}
