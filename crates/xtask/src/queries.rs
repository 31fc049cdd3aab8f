//! sqlx's offline data in `.sqlx`: what the compile-time checks of queries read instead of a database.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process,
    time::SystemTime,
};

use crate::{Result, cluster::Cluster, files, tools};

const SCHEMA: &str = "tenantry";
/// The crates that have queries.
const PACKAGES: [&str; 3] = ["jobs", "connectors", "engine"];

/// What to do with the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Replace `.sqlx`.
    Write,
    /// Fail if `.sqlx` differs.
    Check,
}

/// Makes the data from the migrations and the engine's code, then writes or compares it.
pub(crate) fn run(mode: Mode) -> Result<()> {
    let cluster = Cluster::start()?;
    migrate(&cluster)?;
    let fresh = Scratch::new()?;
    describe(&cluster, &fresh.0, mode)?;

    let committed = tools::root().join(".sqlx");
    let (old, new) = (contents(&committed)?, contents(&fresh.0)?);
    match mode {
        Mode::Write => {
            fs::create_dir_all(&committed)?;
            for name in old.keys().filter(|name| !new.contains_key(*name)) {
                fs::remove_file(committed.join(name))?;
            }
            for (name, content) in new.iter().filter(|(name, content)| old.get(*name) != Some(*content)) {
                fs::write(committed.join(name), content)?;
            }
            println!("{} queries in .sqlx", new.len());
            Ok(())
        }
        Mode::Check => compare(&old, &new),
    }
}

fn migrate(cluster: &Cluster) -> Result<()> {
    tools::run(cluster.psql(None).args(["-c", &format!("CREATE SCHEMA {SCHEMA}")]))?;
    // Versioned migrations, then the folder of functions, as the engine applies them.
    for file in files::below(&tools::root().join("migrations"))? {
        if file.extension().is_some_and(|extension| extension == "sql") {
            tools::run(cluster.psql(Some(SCHEMA)).arg("-f").arg(&file))
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    Ok(())
}

/// Checks the crates that have queries against the database. The macros of sqlx write to the folder `into`.
fn describe(cluster: &Cluster, into: &Path, mode: Mode) -> Result<()> {
    let mut entries = Vec::new();
    for package in PACKAGES {
        let path = tools::root().join("crates").join(package).join("src/lib.rs");
        let entry = fs::File::options().write(true).open(path)?;
        let modified = entry.metadata()?.modified()?;
        // Macros run only when the crate is compiled.
        entry.set_modified(SystemTime::now())?;
        entries.push((entry, modified));
    }
    let checked = tools::run(
        tools::cargo()
            .args(["check", "--quiet", "--all-targets"])
            .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", into)
            .env("DATABASE_URL", cluster.url(SCHEMA)),
    );
    if mode == Mode::Check {
        // Restores the times, so that a check does not cause a rebuild.
        for (entry, modified) in entries {
            entry.set_modified(modified)?;
        }
    }
    checked
}

fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for path in files::below(folder)? {
        let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
        if name.ends_with(".json") {
            found.insert(name, fs::read(&path)?);
        }
    }
    Ok(found)
}

fn compare(old: &BTreeMap<String, Vec<u8>>, new: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut differences = Vec::new();
    for (name, content) in new {
        match old.get(name) {
            None => differences.push(format!("missing  {name}")),
            Some(other) if other != content => differences.push(format!("changed  {name}")),
            Some(_) => {}
        }
    }
    differences
        .extend(old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("unused   {name}")));
    if differences.is_empty() {
        println!("{} queries, .sqlx is up to date", new.len());
        return Ok(());
    }
    Err(format!("{}\n.sqlx is out of date; run: cargo xtask queries", differences.join("\n")).into())
}

/// An empty folder that goes when it is dropped.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let path = env::temp_dir().join(format!("tenantry-sqlx-{}", process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
