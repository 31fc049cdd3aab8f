//! Starts, recognises and stops the postmaster, the main process of PostgreSQL.

use std::{
    fs,
    io::{ErrorKind, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use secrecy::SecretString;

use crate::{
    error::{ClusterError, IoContext},
    home::Home,
    initialize,
    programs::Programs,
};

/// The port number in the socket's name. PostgreSQL does not listen on the network.
pub(crate) const PORT: u16 = 5432;
/// The settings that every cluster runs with. `data/postgresql.conf` holds all others.
const SETTINGS: [&str; 10] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "shared_buffers=64MB",
    "fsync=on",
    "synchronous_commit=on",
    "timezone=UTC",
    "log_timezone=UTC",
    // Omits the details of errors, because they contain the values of rows.
    "log_error_verbosity=terse",
];
/// How long a start may take. The crash recovery of a large database takes minutes.
const START_SECONDS: u64 = 300;
const STOP_SECONDS: u64 = 60;
/// How long to retry while child processes of a killed postmaster are still running.
const ORPHAN_TIMEOUT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The log is rotated at start if it is larger than this.
const MAX_LOG_BYTES: u64 = 10 * 1024 * 1024;

/// The server of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Postmaster {
    programs: Programs,
    home: Home,
}

/// A running server, as its `postmaster.pid` describes it.
struct RunningServer {
    socket_directory: PathBuf,
    is_ready: bool,
}

impl Postmaster {
    pub(crate) fn new(programs: Programs, home: Home) -> Self {
        Self { programs, home }
    }

    pub(crate) fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Starts the server unless it is running. Creates its data first if necessary. Returns the directory of
    /// its socket.
    pub(crate) fn ensure_running(&self, password: &SecretString) -> Result<PathBuf, ClusterError> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS);
        loop {
            match self.find_running()? {
                Some(running) if running.is_ready => return Ok(running.socket_directory),
                None => break,
                Some(_) if Instant::now() > deadline => return Err(self.start_failure(0)),
                Some(_) => thread::sleep(POLL_INTERVAL),
            }
        }
        initialize::create_data(&self.programs, &self.home, password)?;
        self.start()
    }

    /// Stops the server with a fast shutdown, which rolls back the transactions in progress.
    pub(crate) fn stop(&self) -> Result<(), ClusterError> {
        if self.find_running()?.is_none() {
            return Ok(());
        }
        let wait = STOP_SECONDS.to_string();
        let arguments = ["stop", "-D", "data", "-s", "-w", "-m", "fast", "-t", &wait];
        self.programs
            .run(&self.home, "pg_ctl", arguments)?
            .map_err(|output| ClusterError::Stop { log: self.home.log(), output })
    }

    fn start(&self) -> Result<PathBuf, ClusterError> {
        let log = self.home.log();
        if fs::metadata(&log).is_ok_and(|log| log.len() > MAX_LOG_BYTES) {
            let old = log.with_extension("log.1");
            fs::rename(&log, &old).context("rename", &log)?;
        }
        let directory = self.home.socket_directory()?;
        let mut options = format!("-c unix_socket_directories={}", directory.display());
        for setting in SETTINGS {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        let wait = START_SECONDS.to_string();
        let arguments =
            ["start", "-D", "data", "-s", "-w", "-t", &wait, "-l", "postgres.log", "-o", &options];
        let deadline = Instant::now() + ORPHAN_TIMEOUT;
        loop {
            let log_length = fs::metadata(&log).map_or(0, |log| log.len());
            if self.programs.run(&self.home, "pg_ctl", arguments)?.is_ok() {
                return Ok(directory);
            }
            // PostgreSQL refuses to start while a child process of a killed postmaster uses the shared
            // memory.
            let has_orphans = self.log_since(log_length).contains("shared memory block");
            if !has_orphans || Instant::now() > deadline {
                return Err(self.start_failure(log_length));
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Returns the server that is running on the data, if there is one.
    ///
    /// A killed server leaves `postmaster.pid` and the socket's lock file behind. If another process has
    /// reused the PID, this function deletes both files, because PostgreSQL would refuse to start.
    fn find_running(&self) -> Result<Option<RunningServer>, ClusterError> {
        let path = self.home.pgdata().join("postmaster.pid");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("read", &path),
        };
        // Lines: process ID, data, start time, port, socket directory, address, memory, status.
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let line = |number: usize| lines.get(number).copied().unwrap_or_default();
        let socket_directory = PathBuf::from(line(4));
        if self.is_postmaster(line(0), &socket_directory)? {
            let is_ready = line(7) == "ready" && !line(4).is_empty();
            return Ok(Some(RunningServer { socket_directory, is_ready }));
        }
        if Path::new("/proc").join(line(0)).exists() {
            let lock = format!(".s.PGSQL.{PORT}.lock");
            for stale in [path, socket_directory.join(lock)] {
                match fs::remove_file(&stale) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(error).context("delete", &stale);
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    /// Returns whether a process is the server of this cluster: whether its command line names the socket
    /// directory.
    fn is_postmaster(&self, pid: &str, socket_directory: &Path) -> Result<bool, ClusterError> {
        let directory = socket_directory.as_os_str().as_encoded_bytes();
        match fs::read(Path::new("/proc").join(pid).join("cmdline")) {
            // A server that is starting has not written the directory yet.
            Ok(_) if directory.is_empty() => self.pg_ctl_reports_running(),
            Ok(command) => Ok(command.windows(directory.len()).any(|part| part == directory)),
            Err(_) if Path::new("/proc/self").exists() => Ok(false),
            // This system has no /proc.
            Err(_) => self.pg_ctl_reports_running(),
        }
    }

    fn pg_ctl_reports_running(&self) -> Result<bool, ClusterError> {
        Ok(self.programs.run(&self.home, "pg_ctl", ["status", "-D", "data"])?.is_ok())
    }

    fn start_failure(&self, log_offset: u64) -> ClusterError {
        let log = self.log_since(log_offset);
        let mut lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.reverse();
        ClusterError::Start { log: self.home.log(), output: lines.join("; ") }
    }

    /// Returns the log from byte `offset` on, or an empty string if it cannot be read.
    fn log_since(&self, offset: u64) -> String {
        let mut bytes = Vec::new();
        let read = fs::File::open(self.home.log()).and_then(|mut log| {
            log.seek(SeekFrom::Start(offset))?;
            log.take(MAX_LOG_BYTES).read_to_end(&mut bytes)
        });
        match read {
            Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => String::new(),
        }
    }
}
