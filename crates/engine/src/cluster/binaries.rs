//! Where PostgreSQL's programs are.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::error::ClusterError;

/// The oldest major version whose features the migrations use.
const OLDEST: u32 = 15;
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];
const VERSIONED: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
const PLAIN: [&str; 3] = ["/usr/local/pgsql/bin", "/opt/homebrew/bin", "/usr/local/bin"];

/// The folder with the programs to use on `data`.
///
/// `pg_bin` (the variable `PG_BIN`) decides alone when it is given. Otherwise
/// the order is `pg_config --bindir`, the usual folders newest first, `PATH`.
/// Data that exists is only ever given to the major version that made it.
pub(super) fn find(pg_bin: Option<&Path>, data: &Path) -> Result<PathBuf, ClusterError> {
    let candidates = match pg_bin {
        Some(folder) => vec![folder.to_owned()],
        None => candidates(),
    };
    let found: Vec<(PathBuf, u32)> = candidates
        .into_iter()
        .filter_map(|folder| version(&folder).map(|version| (folder, version)))
        .filter(|(_, version)| *version >= OLDEST)
        .collect();
    if found.is_empty() {
        return Err(ClusterError::ProgramsMissing {
            looked_in: match pg_bin {
                Some(folder) => format!("PG_BIN ({})", folder.display()),
                None => "pg_config --bindir, the usual folders and PATH".into(),
            },
        });
    }
    let needed =
        fs::read_to_string(data.join("PG_VERSION")).ok().and_then(|text| text.trim().parse::<u32>().ok());
    let fitting = found.iter().find(|(_, version)| needed.is_none_or(|needed| needed == *version));
    match (fitting, needed) {
        (Some((folder, _)), _) => Ok(folder.clone()),
        (None, needed) => Err(ClusterError::VersionMissing {
            data: data.to_owned(),
            needed: needed.unwrap_or(OLDEST),
            found: list(&found),
        }),
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

/// `<parent>/<version>/bin` and `<parent>/postgresql@<version>/bin`, newest first.
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
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// The major version of the programs in `folder`, if all of them are there.
fn version(folder: &Path) -> Option<u32> {
    if !PROGRAMS.iter().all(|program| folder.join(program).is_file()) {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "... 17beta1"
    let number = text.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number.get(..digits)?.parse().ok()
}

fn list(found: &[(PathBuf, u32)]) -> String {
    let mut versions: Vec<u32> = found.iter().map(|(_, version)| *version).collect();
    versions.sort_unstable();
    versions.dedup();
    let names: Vec<String> = versions.iter().map(u32::to_string).collect();
    names.join(", ")
}
