use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// A data directory of its own, cleared away with its PostgreSQL.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("tenantry-http-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    fn pid_file(&self) -> PathBuf {
        self.0.join("postgres/data/postmaster.pid")
    }

    fn postmaster(&self) -> Option<String> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        text.lines().next().map(str::to_owned)
    }

    /// Stops PostgreSQL under the server's feet, as `pg_ctl stop -m fast` does.
    pub fn stop_postgres(&self) {
        let pid = self.postmaster().expect("PostgreSQL runs");
        send("-INT", &pid);
        wait_until(|| self.postmaster().is_none());
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(pid) = self.postmaster() {
            send("-QUIT", &pid);
            let end = Instant::now() + Duration::from_secs(5);
            while self.postmaster().is_some() && Instant::now() < end {
                thread::sleep(Duration::from_millis(20));
            }
        }
        if let Ok(elsewhere) = fs::read_link(self.0.join("postgres")) {
            let _ = fs::remove_dir_all(elsewhere);
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn send(signal: &str, pid: &str) {
    let _ = Command::new("kill").args([signal, pid]).output();
}

/// Waits for a condition; ten seconds are more than it ever needs.
pub fn wait_until(condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < end, "the condition did not come about in time");
        thread::sleep(Duration::from_millis(20));
    }
}
