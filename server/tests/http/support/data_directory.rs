use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use test_support::{
    prepared_cluster::{create_cluster_data, delete_data_directory},
    test_cluster::send_signal,
    wait::{DEADLINE, block_until},
};

/// A data directory. Dropping this value stops its PostgreSQL and removes its files.
pub(crate) struct DataDirectory(PathBuf);

impl DataDirectory {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("tenantry-http-{}", uuid::Uuid::new_v4().simple()));
        create_cluster_data(&path);
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn pid_file(&self) -> PathBuf {
        self.0.join("postgres/data/postmaster.pid")
    }

    /// The URL with which another server connects to this PostgreSQL.
    pub(crate) fn database_url(&self) -> String {
        let password = fs::read_to_string(self.0.join("postgres/password")).unwrap();
        let home = fs::canonicalize(self.0.join("postgres")).unwrap();
        let socket = home.join("run").display().to_string().replace('/', "%2F");
        format!("postgres://tenantry:{}@{socket}/tenantry", password.trim())
    }

    fn postmaster_pid(&self) -> Option<String> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        text.lines().next().map(str::to_owned)
    }

    /// Runs SQL as the cluster's owner and returns the rows as text.
    #[track_caller]
    pub(crate) fn sql(&self, statements: &str) -> String {
        let output = self.psql(statements).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Starts running SQL, and does not wait until it has finished.
    pub(crate) fn spawn_sql(&self, statements: &str) -> Child {
        self.psql(statements).stdout(Stdio::null()).spawn().unwrap()
    }

    /// Runs shell commands in the data directory. `psql` connects to this cluster as its owner.
    #[track_caller]
    pub(crate) fn shell(&self, commands: &str) {
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", commands]).current_dir(&self.0);
        let output = self.as_owner(bash).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn psql(&self, statements: &str) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", "tenantry"]).args([
            "-c",
            "SET search_path = tenantry",
            "-c",
            statements,
        ]);
        self.as_owner(psql)
    }

    /// Makes a command use the programs of the PostgreSQL installation that runs this cluster, and connect to
    /// the cluster as its owner.
    fn as_owner(&self, mut command: Command) -> Command {
        let pid_file = fs::read_to_string(self.pid_file()).unwrap();
        let lines: Vec<&str> = pid_file.lines().map(str::trim).collect();
        let programs = fs::read_link(format!("/proc/{}/exe", lines[0])).unwrap();
        let password = fs::read_to_string(self.0.join("postgres/password")).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{}:{path}", programs.parent().unwrap().display()))
            .env("PGUSER", "postgres")
            .env("PGHOST", lines[4])
            .env("PGPORT", lines[3])
            .env("PGPASSWORD", password.trim());
        command
    }

    /// Kills a process of PostgreSQL with SIGKILL. PostgreSQL then restarts all its other processes. `kind`
    /// is a `backend_type` of `pg_stat_activity`. Returns whether such a process was found.
    pub(crate) fn kill_backend(&self, kind: &str) -> bool {
        let statement = format!(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = '{kind}' AND pid <> pg_backend_pid()
             ORDER BY state = 'active' DESC NULLS LAST LIMIT 1"
        );
        let pid = self.psql(&statement).output().unwrap().stdout;
        let pid = String::from_utf8(pid).unwrap().trim().to_owned();
        if !pid.is_empty() {
            send_signal("-KILL", &pid);
        }
        !pid.is_empty()
    }

    /// Stops PostgreSQL while the server runs, as `pg_ctl stop -m fast` does.
    pub(crate) fn stop_postgres(&self) {
        let pid = self.postmaster_pid().expect("PostgreSQL runs");
        send_signal("-INT", &pid);
        block_until("PostgreSQL to stop", || self.postmaster_pid().is_none());
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        if let Some(pid) = self.postmaster_pid() {
            send_signal("-QUIT", &pid);
            // Not `block_until`, because a panic here would hide the panic of the test.
            let deadline = Instant::now() + DEADLINE;
            while self.postmaster_pid().is_some() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(20));
            }
        }
        delete_data_directory(&self.0);
    }
}
