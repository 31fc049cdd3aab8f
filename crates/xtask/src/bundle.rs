//! Converts the compiled module to the files that browsers load: the main module, the chunks of pages and of
//! parts of pages, and the scripts that connect them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, SplitWasm};

use crate::{Result, files, hash::hash, hoist, stub, tools};

/// The WebAssembly features that rustc uses for `wasm32-unknown-unknown`. Every current browser has them.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The optimisation passes of `wasm-opt` for all modules. A browser compiles each function at its first call,
/// on the main thread, and a page calls more than a thousand functions when it hydrates. Compared with `-Oz`,
/// these passes with their limits for inlining (in binaryen's units) make the download 5 % larger and the
/// number of functions 20 % smaller.
const PASSES: [&str; 6] = [
    "-O3",
    "--flexible-inline-max-function-size",
    "30",
    "--always-inline-max-function-size",
    "12",
    "--reorder-functions",
];

const MAIN: &str = "main.wasm";
const SCRIPT: &str = "tenantry.js";
const LOADER: &str = "loader.js";

/// The files of the frontend, by their names in `pkg/`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bundle {
    /// The bindings between the main module and the browser.
    pub(crate) script: String,
    /// The script that loads chunks.
    pub(crate) loader: String,
    /// The main module, which every page needs.
    pub(crate) wasm: String,
    /// The directory of the scripts from dependencies, if any.
    pub(crate) snippets: Option<String>,
    /// The chunks that each lazy function needs.
    pub(crate) chunks: BTreeMap<String, Vec<String>>,
}

impl Bundle {
    /// Returns the names of all files and directories in `pkg/`.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.shared().collect();
        names.extend(self.chunks.values().flatten().map(String::as_str));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns the names of the files and directories that every page needs.
    pub(crate) fn shared(&self) -> impl Iterator<Item = &str> {
        [&self.script, &self.loader, &self.wasm].into_iter().chain(&self.snippets).map(String::as_str)
    }
}

/// Splits and optimises the compiled `module` and writes the files with hashed names to `pkg`.
///
/// # Errors
/// Fails if a tool fails or a file cannot be written.
pub(crate) fn build(module: &Path, pkg: &Path) -> Result<Bundle> {
    let work = tools::target_dir().join("site-work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let split = split(module, &work)?;
    bind(&work)?;

    let wasm = publish(&optimize(&work.join("tenantry_bg.wasm"))?, "tenantry", pkg)?;
    let mut loader = shorten(&fs::read_to_string(work.join(LOADER))?, &BTreeMap::new());
    let mut published = BTreeMap::new();
    for stem in &split.stems {
        let name = publish(&work.join(format!("{stem}.wasm")), stem, pkg)?;
        loader = loader.replace(&format!("\"./{stem}.wasm\""), &format!("\"./{name}\""));
        published.insert(stem.as_str(), name);
    }
    let name_of = |stem: &String| published.get(stem.as_str()).cloned().ok_or("a chunk is missing");
    let mut chunks = BTreeMap::new();
    for (function, stems) in &split.needs {
        chunks.insert(function.clone(), stems.iter().map(name_of).collect::<std::result::Result<_, _>>()?);
    }

    let mut script = fs::read_to_string(work.join(SCRIPT))?;
    let snippets = move_snippets(&work.join("snippets"), pkg)?;
    if let Some(directory) = &snippets {
        // Replaces only the imports, because the module refers to the snippets by their original names.
        script = script.replace("from \"./snippets/", &format!("from \"./{directory}/"));
    }
    let (script, loader) = publish_scripts(&script, &loader, pkg)?;
    fs::remove_dir_all(&work)?;
    Ok(Bundle { script, loader, wasm, snippets, chunks })
}

/// The chunks of a split module, by the names of their files without the extension.
#[derive(Debug)]
struct Split {
    stems: Vec<String>,
    /// The chunks that each lazy function needs.
    needs: BTreeMap<String, Vec<String>>,
}

/// Returns whether a function is unused: a type-erased value or an export refers to it, but the frontend
/// never calls it. The unused functions are:
///
/// - Asynchronous hydration. The frontend loads the page's chunk first and then hydrates synchronously.
/// - The generation of the route list, which only the server needs.
/// - The exports for streams, which `server_fn` supports and the console does not use.
///
/// The closures inside these functions do not count as unused. The compiler merges functions with equal code,
/// so synchronous hydration may call a closure that has a name of asynchronous hydration.
fn is_unused(function: &str) -> bool {
    const ERASED: [&str; 2] = ["8into_any13hydrate_async", "15generate_routes"];
    const EXPORTS: [&str; 2] = ["intounderlying", "__wbg_intounderlying"];
    let is_generic_function = function.starts_with("_RINv");
    (is_generic_function && ERASED.iter().any(|name| function.contains(name)))
        || EXPORTS.iter().any(|start| function.starts_with(start))
}

/// Writes the main module, the optimised chunks and their loader to `work`.
fn split(module: &Path, work: &Path) -> Result<Split> {
    let input = stub::stub_unused_functions(&fs::read(module)?, is_unused)?;
    // The first split is temporary. It shows which code several lazy functions share.
    let draft = work.join("draft");
    let shared = transform(&input, &draft)?.prefetch_map.into_iter().collect();
    let input = hoist::export_shared_functions(&input, &draft, &shared)?;
    fs::remove_dir_all(draft)?;
    let split = transform(&input, work)?;
    // The splitter adds functions that nothing calls to some chunks. The optimiser removes these functions.
    for chunk in &split.split_modules {
        fs::rename(optimize(chunk)?, chunk)?;
    }
    let data = merge_data(&split.split_modules, work)?;
    let stem = |path: &PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut needs: BTreeMap<_, _> = split.prefetch_map.into_iter().collect();
    needs.values_mut().for_each(|stems| stems.retain(|stem| !data.contains(stem)));
    // The splitter also writes empty chunks, which no lazy function needs.
    let is_used = |stem: &String| needs.values().flatten().any(|needed| needed == stem);
    Ok(Split { stems: split.split_modules.iter().filter_map(stem).filter(is_used).collect(), needs })
}

/// Moves the content of chunks without functions to the main module, because a few constants are not worth a
/// request. Returns the stems of these chunks.
fn merge_data(chunks: &[PathBuf], work: &Path) -> Result<Vec<String>> {
    let (mut stems, mut modules) = (Vec::new(), Vec::new());
    for chunk in chunks {
        let module = fs::read(chunk)?;
        if chunk.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"chunk_"))
            && hoist::is_data_only(&module)?
        {
            stems.extend(chunk.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            modules.push(module);
        }
    }
    let (main, loader) = (work.join(MAIN), work.join(LOADER));
    fs::write(&main, hoist::append_data(&fs::read(&main)?, &modules)?)?;
    let mut script = fs::read_to_string(&loader)?;
    for stem in &stems {
        script = without_chunk(&script, stem).ok_or("the splitter's script has an unknown format")?;
    }
    fs::write(loader, script)?;
    Ok(stems)
}

/// Returns the script `loader` without a chunk, or `None` if the script does not download this chunk.
fn without_chunk(loader: &str, stem: &str) -> Option<String> {
    let name = format!("__{stem}");
    let (before, rest) = loader.split_once(&format!("const {name} = makeLoad("))?;
    let (_, after) = rest.split_once(", []);\n")?;
    // The chunk is the only item, the last item or another item of the lists of pages and parts.
    let uses = [(format!("[{name}]"), "[]"), (format!(", {name}]"), "]"), (format!("{name}, "), "")];
    let script = format!("{before}{after}");
    Some(uses.iter().fold(script, |script, (list, without)| script.replace(list, without)))
}

/// Splits a module into files in `directory`.
fn transform(module: &[u8], directory: &Path) -> Result<SplitWasm> {
    let main = directory.join(MAIN);
    let mut options = Options::new(module);
    options.output_dir = directory;
    options.main_out_path = &main;
    options.link_name = "./loader.js";
    options.main_module = "./tenantry.js";
    Ok(wasm_split_cli_support::transform(options).map_err(|error| format!("{error:#}"))?)
}

/// Generates the bindings of the main module. The page passes the module's address to the script, so the
/// script does not contain the address.
fn bind(work: &Path) -> Result<()> {
    let mut bindings = Bindgen::new()
        .input_path(work.join(MAIN))
        .out_name("tenantry")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // The chunks import these symbols of the linker.
        .keep_lld_exports(true)
        .demangle(false)
        .remove_producers_section(true)
        .generate_output()?;
    let mut short_names = BTreeMap::new();
    for import in bindings.wasm_mut().imports.iter_mut() {
        if import.name.starts_with("__wbg_") {
            let short = format!("_{}", short_names.len());
            short_names.insert(std::mem::replace(&mut import.name, short.clone()), short);
        }
    }
    let exports = &mut bindings.wasm_mut().exports;
    let added: Vec<_> =
        exports.iter().filter(|export| hoist::is_added_export(&export.name)).map(|e| e.id()).collect();
    added.into_iter().for_each(|export| exports.delete(export));
    bindings.emit(work)?;
    let script = work.join(SCRIPT);
    fs::write(&script, shorten(&fs::read_to_string(&script)?, &short_names))?;
    Ok(())
}

/// Removes comments and indentation and replaces the long names of imports, whose hashes do not compress.
fn shorten(script: &str, short_names: &BTreeMap<String, String>) -> String {
    let is_comment = |line: &str| ["/*", "*", "//"].iter().any(|start| line.starts_with(start));
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    let mut short = String::new();
    for line in lines {
        // An import is the key of a property or a method: its name ends at `:` or `(`.
        let name = line.split([':', '(']).next().unwrap_or_default();
        match short_names.get(name) {
            Some(replacement) => short += &line.replacen(name, replacement, 1),
            None => short += line,
        }
        short.push('\n');
    }
    short
}

/// Optimises a module and returns the path of the optimised module.
fn optimize(module: &Path) -> Result<PathBuf> {
    let optimized = module.with_extension("optimized.wasm");
    tools::run(
        tools::node_tool("wasm-opt")?
            .args(PASSES)
            .args(["--strip-debug", "--strip-producers", "--strip-target-features"])
            .args(FEATURES)
            .arg(module)
            .arg("-o")
            .arg(&optimized),
    )?;
    Ok(optimized)
}

/// Moves a module to `pkg` and returns its hashed name.
fn publish(module: &Path, stem: &str, pkg: &Path) -> Result<String> {
    let name = format!("{stem}.{}.wasm", hash(&[&fs::read(module)?]));
    fs::rename(module, pkg.join(&name))?;
    Ok(name)
}

/// Writes both scripts and returns their names. The scripts import each other, so both names contain one hash
/// over both scripts.
fn publish_scripts(script: &str, loader: &str, pkg: &Path) -> Result<(String, String)> {
    let both = hash(&[script.as_bytes(), loader.as_bytes()]);
    let (script_name, loader_name) = (format!("tenantry.{both}.js"), format!("loader.{both}.js"));
    let import = |name: &str| format!("from \"./{name}\"");
    fs::write(pkg.join(&script_name), script.replace(&import(LOADER), &import(&loader_name)))?;
    fs::write(pkg.join(&loader_name), loader.replace(&import(SCRIPT), &import(&script_name)))?;
    Ok((script_name, loader_name))
}

/// Moves the scripts from dependencies to a directory whose name contains the hash of their content. The
/// scripts keep their names. Returns the name of the directory.
fn move_snippets(from: &Path, pkg: &Path) -> Result<Option<String>> {
    let paths = files::list_recursively(from)?;
    if paths.is_empty() {
        return Ok(None);
    }
    let mut contents = Vec::new();
    for path in &paths {
        contents.push(fs::read(path)?);
    }
    let parts: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    let directory = format!("snippets.{}", hash(&parts));
    let into = pkg.join(&directory);
    if into.exists() {
        fs::remove_dir_all(&into)?;
    }
    fs::rename(from, into)?;
    Ok(Some(directory))
}

#[cfg(test)]
mod tests {
    use super::without_chunk;

    #[test]
    fn the_loader_skips_a_chunk_without_functions() {
        let chunk = |number: u32| format!("const __chunk_{number} = makeLoad(() => {{ x }}\n, []);\n");
        let page = |needs: &str| format!("const page = makeLoad(() => {{ x }}\n, [{needs}]);\n");
        let loader =
            [chunk(1), chunk(11), chunk(2), page("__chunk_1, __chunk_11, __chunk_2"), page("__chunk_11")];
        let expected = [chunk(1), chunk(2), page("__chunk_1, __chunk_2"), page("")];
        assert_eq!(without_chunk(&loader.concat(), "chunk_11"), Some(expected.concat()));
        let expected = [chunk(1), chunk(11), page("__chunk_1, __chunk_11"), page("__chunk_11")];
        assert_eq!(without_chunk(&loader.concat(), "chunk_2"), Some(expected.concat()));
        assert_eq!(without_chunk(&loader.concat(), "chunk_3"), None);
    }
}
