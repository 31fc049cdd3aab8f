//! PostgreSQL's main process: made, started, recognised, stopped.

use std::{
    ffi::OsStr,
    fs,
    io::{ErrorKind, Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    error::{ClusterError, Doing},
    home::Home,
};

/// For the socket's name only: nothing listens on the network.
pub(super) const PORT: u16 = 5432;
/// What the server always runs with. The rest is in `data/postgresql.conf`.
const SETTINGS: [&str; 9] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=64MB",
    "fsync=on",
    "synchronous_commit=on",
    "timezone=UTC",
    "log_timezone=UTC",
];
/// Crash recovery of a large database takes a while.
const START_SECONDS: u64 = 300;
const STOP_SECONDS: u64 = 60;
/// How long the children of a killed postmaster may take to notice.
const ORPHANS: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(100);
/// A larger log is set aside at the next start.
const LOG_BYTES: u64 = 10 * 1024 * 1024;

/// The programs of one PostgreSQL, applied to one home.
#[derive(Debug, Clone)]
pub(super) struct Postmaster {
    programs: PathBuf,
    home: Home,
}

/// A running server, as its `postmaster.pid` describes it.
struct Running {
    socket_folder: PathBuf,
    ready: bool,
}

impl Postmaster {
    pub(super) fn new(programs: PathBuf, home: Home) -> Self {
        Self { programs, home }
    }

    /// Starts the server unless it runs already, creating its data if there is
    /// none, and returns the folder of its socket.
    pub(super) fn ensure_running(&self) -> Result<PathBuf, ClusterError> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS);
        loop {
            match self.running()? {
                Some(running) if running.ready => return Ok(running.socket_folder),
                None => break,
                Some(_) if Instant::now() > deadline => return Err(self.not_started(0)),
                Some(_) => thread::sleep(POLL),
            }
        }
        self.initialise()?;
        self.start()
    }

    /// Fast shutdown: transactions in progress are rolled back.
    pub(super) fn stop(&self) -> Result<(), ClusterError> {
        if self.running()?.is_none() {
            return Ok(());
        }
        let wait = STOP_SECONDS.to_string();
        self.run("pg_ctl", ["stop", "-D", "data", "-s", "-w", "-m", "fast", "-t", &wait])?
            .map_err(|output| ClusterError::Stop { log: self.home.log(), output })
    }

    /// Creates the data under another name first, so that a killed initdb
    /// leaves nothing that looks like a database.
    fn initialise(&self) -> Result<(), ClusterError> {
        let data = self.home.data();
        if data.exists() {
            return Ok(());
        }
        let new = self.home.path.join("data.new");
        let mut failure = String::new();
        for locale in ["--locale=C.UTF-8", "--locale=C"] {
            match fs::remove_dir_all(&new) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).doing("remove", &new);
                }
                _ => {}
            }
            let arguments = [
                "-D",
                "data.new",
                "-U",
                super::bootstrap::SUPERUSER,
                "--pwfile=password",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--data-checksums",
                locale,
            ];
            match self.run("initdb", arguments)? {
                Ok(()) => return fs::rename(&new, &data).doing("create", &data),
                Err(output) => failure = output,
            }
        }
        Err(ClusterError::Initialise { data, output: failure })
    }

    fn start(&self) -> Result<PathBuf, ClusterError> {
        let log = self.home.log();
        if fs::metadata(&log).is_ok_and(|log| log.len() > LOG_BYTES) {
            let old = log.with_extension("log.1");
            fs::rename(&log, &old).doing("rename", &log)?;
        }
        let folder = self.home.socket_folder()?;
        let mut options = format!("-c unix_socket_directories={}", folder.display());
        for setting in SETTINGS {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        let wait = START_SECONDS.to_string();
        let arguments =
            ["start", "-D", "data", "-s", "-w", "-t", &wait, "-l", "postgres.log", "-o", &options];
        let deadline = Instant::now() + ORPHANS;
        loop {
            let before = fs::metadata(&log).map_or(0, |log| log.len());
            if self.run("pg_ctl", arguments)?.is_ok() {
                return Ok(folder);
            }
            let orphans = self.log_since(before).contains("shared memory block");
            if !orphans || Instant::now() > deadline {
                return Err(self.not_started(before));
            }
            thread::sleep(POLL);
        }
    }

    /// The server that runs on this data, if one does. A `postmaster.pid` that
    /// a killed server left behind is no server, even when its number belongs
    /// to some other process by now.
    fn running(&self) -> Result<Option<Running>, ClusterError> {
        let path = self.home.data().join("postmaster.pid");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).doing("read", &path),
        };
        // Lines: pid, data, start time, port, socket folder, address, memory, status.
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let line = |number: usize| lines.get(number).copied().unwrap_or_default();
        let socket_folder = PathBuf::from(line(4));
        if self.is_postmaster(line(0), &socket_folder)? {
            let ready = line(7) == "ready" && !line(4).is_empty();
            return Ok(Some(Running { socket_folder, ready }));
        }
        if Path::new("/proc").join(line(0)).exists() {
            // PostgreSQL looks at the number alone and would refuse to start.
            let lock = format!(".s.PGSQL.{PORT}.lock");
            for stale in [path, socket_folder.join(lock)] {
                match fs::remove_file(&stale) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(error).doing("remove", &stale);
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    fn is_postmaster(&self, pid: &str, socket_folder: &Path) -> Result<bool, ClusterError> {
        let folder = socket_folder.as_os_str().as_encoded_bytes();
        match fs::read(Path::new("/proc").join(pid).join("cmdline")) {
            // Not yet that far: only PostgreSQL itself can tell.
            Ok(_) if folder.is_empty() => Ok(self.run("pg_ctl", ["status", "-D", "data"])?.is_ok()),
            Ok(command) => Ok(command.windows(folder.len()).any(|part| part == folder)),
            Err(_) if Path::new("/proc/self").exists() => Ok(false),
            Err(_) => Ok(self.run("pg_ctl", ["status", "-D", "data"])?.is_ok()),
        }
    }

    /// Runs a program to its end; the inner error is what it printed.
    ///
    /// It gets a process group of its own, so that the terminal's Ctrl-C does
    /// not reach it, and none of this process's environment, which may hold
    /// secrets and `PG…` variables. Paths are relative to the home because
    /// pg_ctl hands them to a shell.
    fn run<I>(&self, program: &str, arguments: I) -> Result<Result<(), String>, ClusterError>
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let path = self.programs.join(program);
        let mut command = Command::new(&path);
        command
            .args(arguments)
            .current_dir(&self.home.path)
            .stdin(Stdio::null())
            .process_group(0)
            .env_clear()
            .env("LC_ALL", "C");
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        self.home.account.apply(&mut command);
        let output = command.output().doing("run", &path)?;
        if output.status.success() {
            return Ok(Ok(()));
        }
        let mut text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if text.is_empty() {
            text = output.status.to_string();
        }
        Ok(Err(text))
    }

    fn not_started(&self, log_from: u64) -> ClusterError {
        let log = self.log_since(log_from);
        let mut lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.reverse();
        ClusterError::Start { log: self.home.log(), output: lines.join("; ") }
    }

    /// What was logged after the first `offset` bytes; empty if it cannot be read.
    fn log_since(&self, offset: u64) -> String {
        let mut bytes = Vec::new();
        let read = fs::File::open(self.home.log()).and_then(|mut log| {
            log.seek(SeekFrom::Start(offset))?;
            log.take(LOG_BYTES).read_to_end(&mut bytes)
        });
        match read {
            Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => String::new(),
        }
    }
}
