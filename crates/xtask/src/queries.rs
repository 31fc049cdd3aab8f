//! The query data of sqlx in `.sqlx`. The compiler checks queries against these data instead of a database.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{Result, files, postgres::TemporaryPostgres, temporary_directory::TemporaryDirectory, tools};

const SCHEMA: &str = "tenantry";

/// How to use the generated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Replace `.sqlx`.
    Write,
    /// Fail if `.sqlx` differs.
    Check,
}

/// Generates the data from the migrations and from the crates that contain queries. Then updates `.sqlx`, or
/// compares `.sqlx` with the data.
pub(crate) fn run(mode: Mode) -> Result<()> {
    let postgres = TemporaryPostgres::start()?;
    migrate(&postgres)?;
    let generated = TemporaryDirectory::new("sqlx")?;
    generate(&postgres, generated.path(), mode)?;

    let committed = tools::root().join(".sqlx");
    let (old, new) = (read_data(&committed)?, read_data(generated.path())?);
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

/// Creates the roles, applies the versioned migrations, then the functions, as the engine does.
fn migrate(postgres: &TemporaryPostgres) -> Result<()> {
    tools::run(postgres.psql(SCHEMA).args(["-c", &format!("CREATE SCHEMA {SCHEMA}")]))?;
    let mut psql = postgres.psql(SCHEMA);
    let directory = tools::root().join("migrations");
    let roles = directory.join("roles.sql");
    psql.arg("-f").arg(&roles);
    for file in files::list_recursively(&directory)? {
        if file != roles && file.extension().is_some_and(|extension| extension == "sql") {
            psql.arg("-f").arg(&file);
        }
    }
    tools::run(&mut psql)
}

/// Compiles the crates with queries against the database. The macros of sqlx write their query data to
/// `output`.
fn generate(postgres: &TemporaryPostgres, output: &Path, mode: Mode) -> Result<()> {
    let mut check = tools::cargo();
    check
        .args(["check", "--quiet", "--all-targets"])
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", output)
        .env("DATABASE_URL", postgres.url(SCHEMA));
    let mut crate_roots = Vec::new();
    for crate_directory in crates_with_queries()? {
        let crate_root = fs::File::options().write(true).open(crate_directory.join("src/lib.rs"))?;
        crate_roots.push((crate_root.metadata()?.modified()?, crate_root));
        check.arg("--package").arg(crate_directory.file_name().unwrap_or_default());
    }
    // The new time makes cargo compile the crate again and thus expand the macros.
    for (_, crate_root) in &crate_roots {
        crate_root.set_modified(SystemTime::now())?;
    }
    let checked = tools::run(&mut check);
    if mode == Mode::Check {
        // Restore the old times, so that a check does not cause another build.
        for (modified, crate_root) in &crate_roots {
            crate_root.set_modified(*modified)?;
        }
    }
    checked
}

/// Returns the directories of the crates that use the query macros of sqlx.
fn crates_with_queries() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(tools::root().join("crates"))? {
        let crate_directory = entry?.path();
        for file in files::list_recursively(&crate_directory.join("src"))? {
            if file.extension().is_some_and(|extension| extension == "rs")
                && has_queries(&fs::read_to_string(&file)?)
            {
                found.push(crate_directory);
                break;
            }
        }
    }
    Ok(found)
}

fn has_queries(source: &str) -> bool {
    ["", "_as", "_scalar"].iter().any(|kind| source.contains(&format!("sqlx::query{kind}!(")))
}

fn read_data(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for path in files::list_recursively(directory)? {
        let name = path.strip_prefix(directory)?.to_string_lossy().into_owned();
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
