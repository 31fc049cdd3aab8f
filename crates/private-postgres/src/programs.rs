//! The PostgreSQL programs: where they are, and how to run them. `scripts/postgres.sh` searches the same
//! directories in the same order.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    error::{ClusterError, IoContext},
    home::Home,
};

/// The oldest supported major version.
const OLDEST_VERSION: u32 = 15;
/// The programs that a directory must contain.
const REQUIRED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];
/// Directories with one subdirectory for each major version.
const VERSIONED: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
/// Directories with the programs of one version.
const PLAIN: [&str; 3] = ["/usr/local/pgsql/bin", "/opt/homebrew/bin", "/usr/local/bin"];

/// The directory with the programs of one PostgreSQL version.
#[derive(Debug, Clone)]
pub(crate) struct Programs(PathBuf);

impl Programs {
    /// Finds the programs to use for PostgreSQL's data directory `pgdata`, which may not exist yet. If it
    /// contains data, only the major version that created the data can open it.
    ///
    /// Searches only `pg_bin` if it is given. Otherwise searches in this order:
    /// 1. `pg_config --bindir`
    /// 2. the subdirectories of each directory in `VERSIONED`, newest version first
    /// 3. the directories in `PLAIN`
    /// 4. the directories in `PATH`
    pub(crate) fn find(pg_bin: Option<&Path>, pgdata: &Path) -> Result<Self, ClusterError> {
        let candidates = match pg_bin {
            Some(directory) => vec![directory.to_owned()],
            None => candidates(),
        };
        let found: Vec<(PathBuf, u32)> = candidates
            .into_iter()
            .filter_map(|directory| version(&directory).map(|version| (directory, version)))
            .filter(|(_, version)| *version >= OLDEST_VERSION)
            .collect();
        if found.is_empty() {
            return Err(ClusterError::ProgramsMissing {
                searched: match pg_bin {
                    Some(directory) => format!("PG_BIN ({})", directory.display()),
                    None => "pg_config --bindir, the usual directories and PATH".into(),
                },
            });
        }
        let needed = fs::read_to_string(pgdata.join("PG_VERSION"))
            .ok()
            .and_then(|text| text.trim().parse::<u32>().ok());
        match found.iter().find(|(_, version)| needed.is_none_or(|needed| needed == *version)) {
            Some((directory, _)) => Ok(Self(directory.clone())),
            None => Err(ClusterError::VersionMissing {
                pgdata: pgdata.to_owned(),
                needed: needed.unwrap_or(OLDEST_VERSION),
                found: list_versions(&found),
            }),
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.0
    }

    /// Runs a program in the home directory until it exits. The inner error is the output of a program that
    /// failed.
    pub(crate) fn run<I>(
        &self,
        home: &Home,
        program: &str,
        arguments: I,
    ) -> Result<Result<(), String>, ClusterError>
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        self.run_command(home, program, arguments, None)
    }

    /// Like [`run`](Self::run), with `input` on standard input.
    pub(crate) fn run_with_input<I>(
        &self,
        home: &Home,
        program: &str,
        arguments: I,
        input: &SecretString,
    ) -> Result<Result<(), String>, ClusterError>
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        self.run_command(home, program, arguments, Some(input))
    }

    /// The program runs in its own process group, so that Ctrl-C in the terminal does not reach it. It
    /// inherits only `PATH` and `LD_LIBRARY_PATH`, because the environment may contain secrets and `PG…`
    /// variables. Arguments contain paths relative to the home directory, because pg_ctl passes them to a
    /// shell.
    fn run_command<I>(
        &self,
        home: &Home,
        program: &str,
        arguments: I,
        input: Option<&SecretString>,
    ) -> Result<Result<(), String>, ClusterError>
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let path = self.0.join(program);
        let mut command = Command::new(&path);
        command
            .args(arguments)
            .current_dir(&home.path)
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .env_clear()
            .env("LC_ALL", "C");
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        home.os_user.apply(&mut command);
        let mut child = command.spawn().context("run", &path)?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // A program that exits early closes its input; its exit status and output explain why.
            let _ = stdin.write_all(input.expose_secret().as_bytes());
        }
        let output = child.wait_with_output().context("run", &path)?;
        if output.status.success() {
            return Ok(Ok(()));
        }
        let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Ok(Err(if text.is_empty() { output.status.to_string() } else { text }))
    }
}

fn candidates() -> Vec<PathBuf> {
    let configured = Command::new("pg_config").arg("--bindir").output().ok();
    let configured = configured
        .filter(|output| output.status.success())
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let path = env::var_os("PATH").unwrap_or_default();
    configured
        .into_iter()
        .chain(VERSIONED.iter().flat_map(|parent| versions_in(Path::new(parent))))
        .chain(PLAIN.iter().map(PathBuf::from))
        .chain(env::split_paths(&path))
        .collect()
}

/// Returns `<parent>/<version>/bin` and `<parent>/postgresql@<version>/bin`, newest version first.
fn versions_in(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let name = name.to_str()?;
            let version = name.strip_prefix("postgresql@").unwrap_or(name);
            Some((version.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, directory)| directory).collect()
}

/// Returns the major version of the programs in `directory`, or `None` if one of them is missing.
fn version(directory: &Path) -> Option<u32> {
    if !REQUIRED.iter().all(|program| directory.join(program).is_file()) {
        return None;
    }
    let output = Command::new(directory.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "... 17beta1"
    let number = text.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number.get(..digits)?.parse().ok()
}

fn list_versions(found: &[(PathBuf, u32)]) -> String {
    let mut versions: Vec<u32> = found.iter().map(|(_, version)| *version).collect();
    versions.sort_unstable();
    versions.dedup();
    let names: Vec<String> = versions.iter().map(u32::to_string).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output of a command of `scripts/postgres.sh`, by lines.
    fn script(command: &str) -> Vec<PathBuf> {
        let output = Command::new("bash")
            .args(["-c", &format!("set -euo pipefail; . scripts/postgres.sh; {command}")])
            .current_dir("../..")
            .env_remove("PG_BIN")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().map(PathBuf::from).collect()
    }

    #[test]
    fn the_scripts_find_the_same_programs() {
        assert_eq!(script("postgres_directories"), candidates());
        assert_eq!(script("printf '%s\\n' \"${POSTGRES_VERSIONED[@]}\""), VERSIONED.map(PathBuf::from));
        assert_eq!(script("echo $POSTGRES_OLDEST_VERSION"), [PathBuf::from(OLDEST_VERSION.to_string())]);
        let found = Programs::find(None, Path::new("/nonexistent")).unwrap();
        assert_eq!(script("postgres_bin"), [found.directory()]);
        assert_eq!(
            script(&format!("PG_BIN={} postgres_bin", found.directory().display())),
            [found.directory()]
        );
        assert!(script("PG_BIN=/nonexistent postgres_bin || true").is_empty());
    }

    #[test]
    fn the_scripts_order_versions_in_the_same_way() {
        let parent = env::temp_dir().join(format!("tenantry-versions-{}", std::process::id()));
        for name in ["9", "9.6", "15", "16", "postgresql@17", "other", "postgresql@x"] {
            fs::create_dir_all(parent.join(name)).unwrap();
        }
        let ordered = versions_in(&parent);
        let by_script = script(&format!("postgres_versions {}", parent.display()));
        fs::remove_dir_all(&parent).unwrap();
        assert_eq!(ordered, ["postgresql@17", "16", "15", "9"].map(|name| parent.join(name).join("bin")));
        assert_eq!(by_script, ordered);
    }
}
