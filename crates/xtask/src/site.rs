//! Builds everything that a browser downloads, in `$CARGO_TARGET_DIR/site`: `pkg/` with hashed names, the
//! files of `public/`, and `manifest.json`, from which the server reads the hashed names.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    Result,
    budget::{self, ChunkSizes},
    bundle::{self, Bundle},
    compress::compress,
    files, frontend, hash, public,
    style::StyleSheets,
    tools,
};

/// How much of the site to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All files.
    Everything,
    /// The style sheet and the files of `public/`.
    Style,
}

/// The outputs of the previous build. An output is reused if its inputs have not changed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct BuildRecord {
    bundle: Option<CachedOutput<Bundle>>,
    style: Option<CachedOutput<StyleSheets>>,
}

/// An output of the build and the stamp of its inputs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct CachedOutput<T> {
    stamp: String,
    output: T,
}

/// Builds the outputs whose inputs changed, removes unused files, and checks the budgets.
///
/// # Errors
/// Fails if a tool fails, a file cannot be written, or a page exceeds its download budget.
pub(crate) fn build(scope: Scope) -> Result<()> {
    let site = tools::target_dir().join("site");
    let pkg = site.join("pkg");
    fs::create_dir_all(&pkg)?;
    let record_path = tools::target_dir().join("site-record.json");
    let last: BuildRecord = read_json(&record_path).unwrap_or_default();

    let css =
        reuse_or_build(last.style, style_inputs()?, &pkg, StyleSheets::names, || StyleSheets::build(&pkg))?;
    let bundle = match scope {
        Scope::Everything => {
            let module = frontend::compile()?;
            let mut inputs = vec![module.clone(), tools::root().join("package-lock.json")];
            // The rules by which the module is split.
            inputs.extend(files::list_recursively(&tools::root().join("crates/xtask/src"))?);
            reuse_or_build(last.bundle, inputs, &pkg, Bundle::names, || bundle::build(&module, &pkg))?
        }
        Scope::Style => last.bundle.ok_or("there is no site yet; run: cargo xtask site")?,
    };
    compress(&public::copy(&site, &["pkg", "manifest.json"])?)?;

    write_manifest(&site, &bundle.output, &css.output)?;
    let mut wanted = bundle.output.names();
    wanted.extend(css.output.names());
    remove_unused(&pkg, &wanted)?;
    let result = report(&pkg, &bundle.output, &css.output);
    let record = BuildRecord { bundle: Some(bundle), style: Some(css) };
    files::replace(&record_path, &serde_json::to_vec_pretty(&record)?)?;
    result
}

fn style_inputs() -> Result<Vec<PathBuf>> {
    let mut inputs = files::list_recursively(&tools::root().join("style"))?;
    inputs.push(tools::root().join("package-lock.json"));
    Ok(inputs)
}

/// Returns the output of the last build if its inputs are unchanged and its files exist. Otherwise builds the
/// output and compresses its files.
fn reuse_or_build<T>(
    last: Option<CachedOutput<T>>,
    inputs: Vec<PathBuf>,
    pkg: &Path,
    names: impl Fn(&T) -> Vec<&str>,
    build: impl FnOnce() -> Result<T>,
) -> Result<CachedOutput<T>> {
    let stamp = hash::stamp(&inputs)?;
    let exists = |name: &str| pkg.join(name).is_dir() || files::with_suffix(&pkg.join(name), "gz").exists();
    if let Some(last) = last.filter(|last| last.stamp == stamp && names(&last.output).into_iter().all(exists))
    {
        return Ok(last);
    }
    let output = build()?;
    let mut written = Vec::new();
    for name in names(&output) {
        let path = pkg.join(name);
        written.extend(if path.is_dir() { files::list_recursively(&path)? } else { vec![path] });
    }
    compress(&written)?;
    Ok(CachedOutput { stamp, output })
}

/// Writes the addresses that the server puts into pages. `chunks` names the files that each lazy function
/// needs, without their extension, as Leptos expects.
fn write_manifest(site: &Path, bundle: &Bundle, css: &StyleSheets) -> Result<()> {
    let address = |name: &str| format!("/pkg/{name}");
    let stems = |names: &Vec<String>| -> Vec<String> {
        names.iter().map(|name| name.trim_end_matches(".wasm").to_owned()).collect()
    };
    let chunks: BTreeMap<&String, Vec<String>> =
        bundle.chunks.iter().map(|(function, names)| (function, stems(names))).collect();
    let manifest = json!({
        "js": address(&bundle.script),
        "wasm": address(&bundle.wasm),
        "css": {
            "console": address(&css.console),
            "portal": address(&css.portal),
            "complete": address(&css.complete),
        },
        "loader": bundle.loader,
        "chunks": chunks,
    });
    Ok(files::replace(&site.join("manifest.json"), &serde_json::to_vec_pretty(&manifest)?)?)
}

fn remove_unused(pkg: &Path, wanted: &[&str]) -> Result<()> {
    for entry in fs::read_dir(pkg)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !wanted.contains(&name.trim_end_matches(".br").trim_end_matches(".gz")) {
            files::remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Prints the sizes of all files and the download sizes of all pages and parts, then checks the budgets.
fn report(pkg: &Path, bundle: &Bundle, css: &StyleSheets) -> Result<()> {
    let mut sizes = BTreeMap::new();
    println!("  raw bytes    brotli");
    for name in bundle.names().into_iter().chain(css.names()) {
        let path = pkg.join(name);
        let mut total = 0;
        for file in if path.is_dir() { files::list_recursively(&path)? } else { vec![path] } {
            if !files::is_compressed(&file) {
                let (raw, brotli) = (size(&file)?, size(&files::with_suffix(&file, "br"))?);
                println!("{raw:>11} {brotli:>9}  {}", file.strip_prefix(pkg)?.display());
                total += brotli;
            }
        }
        sizes.insert(name.to_owned(), total);
    }
    let size_of = |name: &str| sizes.get(name).copied().unwrap_or_default();
    let scripts: u64 = bundle.shared().map(size_of).sum();
    let shared = |area: Option<&str>| scripts + size_of(css.of_area(area));
    let pages = ChunkSizes { shared: &shared, functions: &bundle.chunks, chunks: &sizes }.page_sizes();
    println!("\n{:<26} {:>19} {:>19}", "brotli bytes of a page", "first load", "later load");
    pages.iter().for_each(|page| println!("{page}"));
    budget::check(&pages)
}

fn size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path)?.len())
}

/// Returns the content of a JSON file, or `None` if the file is missing or has another format.
fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
