//! A throw-away PostgreSQL: reached by a Unix socket only, gone when dropped.

use std::{
    env, fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{Result, tools};

const START_LIMIT: Duration = Duration::from_secs(30);
const ROLE: &str = "tenantry";

#[derive(Debug)]
pub(crate) struct Cluster {
    bin: PathBuf,
    home: PathBuf,
    server: Child,
    account: Option<(u32, u32)>,
}

impl Cluster {
    /// Makes and starts a cluster. Durability is off: nothing in it is meant to last.
    pub(crate) fn start() -> Result<Self> {
        let bin = binaries().ok_or("PostgreSQL's programs were not found; run: scripts/setup build")?;
        let account = unprivileged_account()?;
        let home = env::temp_dir().join(format!("tenantry-queries-{}", process::id()));
        fs::create_dir(&home)?;
        if let Some((user, group)) = account {
            chown(&home, Some(user), Some(group))?;
        }
        let data = home.join("data");
        let initdb = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username", ROLE];
        tools::run(command(&bin, "initdb", account).args(initdb).arg("-D").arg(&data).stdout(Stdio::null()))?;
        let server = command(&bin, "postgres", account)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&home)
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "log_min_messages=fatal"])
            .stdout(Stdio::null())
            .stderr(fs::File::create(home.join("log"))?)
            .spawn()?;
        let mut cluster = Self { bin, home, server, account };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let began = Instant::now();
        while !self.psql(None).args(["-c", "SELECT 1"]).stderr(Stdio::null()).status()?.success() {
            if self.server.try_wait()?.is_some() || began.elapsed() > START_LIMIT {
                let log = fs::read_to_string(self.home.join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL did not start:\n{log}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// `psql` on this cluster, silent, stopping at the first error.
    pub(crate) fn psql(&self, schema: Option<&str>) -> Command {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", ROLE, "-d", "postgres", "-h"]).arg(&self.home);
        psql.stdin(Stdio::null()).stdout(Stdio::null());
        if let Some(schema) = schema {
            psql.env("PGOPTIONS", format!("-c search_path={schema} -c client_min_messages=warning"));
        }
        psql
    }

    /// The address for sqlx, with every connection's `search_path` set.
    pub(crate) fn url(&self, schema: &str) -> String {
        let home = self.home.display();
        format!("postgres://{ROLE}@localhost/postgres?host={home}&options=-c%20search_path%3D{schema}")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = command(&self.bin, "pg_ctl", self.account)
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.home.join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// PostgreSQL refuses to run as root.
fn command(bin: &Path, program: &str, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(bin.join(program));
    command.current_dir("/");
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// For root, the user and group to run PostgreSQL as; for anybody else, nothing.
fn unprivileged_account() -> Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let (Some(user), Some(group)) = (id("-u", name), id("-g", name)) {
            return Ok(Some((user, group)));
        }
    }
    Err("there is neither a user postgres nor a user nobody".into())
}

fn id(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The folder of PostgreSQL's programs: `PG_BIN`, `pg_config`, Debian's folders (newest first), `PATH`.
fn binaries() -> Option<PathBuf> {
    let named = env::var_os("PG_BIN").map(PathBuf::from);
    let configured = Command::new("pg_config").arg("--bindir").output().ok();
    let configured = configured.and_then(|output| String::from_utf8(output.stdout).ok());
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    named
        .into_iter()
        .chain(configured.map(|text| PathBuf::from(text.trim())))
        .chain(debian.into_iter().rev())
        .chain(env::split_paths(&path))
        .find(|bin| ["postgres", "initdb", "pg_ctl", "psql"].iter().all(|name| bin.join(name).is_file()))
}
