//! Generates the table of the site's files for the feature `embedded-site`.

use std::{
    env,
    error::Error,
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

/// The variable that names the directory of the built site.
const SITE_ROOT: &str = "TENANTRY_SITE_ROOT";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_EMBEDDED_SITE").is_none() {
        return Ok(());
    }
    println!("cargo::rerun-if-env-changed={SITE_ROOT}");
    let root = env::var(SITE_ROOT).map_err(|_| format!("{SITE_ROOT} must name the directory of the site"))?;
    let root = Path::new(&root).canonicalize().map_err(|error| format!("{SITE_ROOT}={root}: {error}"))?;
    println!("cargo::rerun-if-changed={}", root.display());
    let table = Path::new(&env::var("OUT_DIR")?).join("site_files.rs");
    Ok(fs::write(table, file_table(&root)?)?)
}

/// Returns a Rust expression: an array of paths, contents and entity tags, sorted by path.
fn file_table(root: &Path) -> Result<String, Box<dyn Error>> {
    let mut files = Vec::new();
    for file in files_below(root)? {
        let path = file.strip_prefix(root)?.to_str().ok_or("a file name is not UTF-8")?.to_owned();
        files.push((path, file));
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (path, file) in files {
        let mut hasher = DefaultHasher::new();
        hasher.write(&fs::read(&file)?);
        let tag = format!("\"{:016x}\"", hasher.finish());
        table += &format!("    ({path:?}, include_bytes!({file:?}), {tag:?}),\n");
    }
    Ok(table + "]\n")
}

fn files_below(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}
