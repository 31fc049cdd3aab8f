//! The browser's program: cargo, wasm-bindgen, wasm-opt.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{Result, files, tools};

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm-release";

/// What makes the module a good deal smaller, and wants the standard library built along: its
/// size-minded variant, and panics that stop at once instead of wording a message.
const SMALLEST: [&str; 4] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    r#"build.rustflags=["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"]"#,
];

/// What rustc emits for `wasm32-unknown-unknown`, and every current browser understands.
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

/// The names, inside `pkg/`, of what [`pack`] made.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) js: String,
    pub(crate) wasm: String,
    pub(crate) snippets: Option<String>,
}

/// Compiles `frontend`; answers with the module's path.
pub(crate) fn compile() -> Result<PathBuf> {
    let mut build = tools::cargo();
    build.args(["build", "--package", "frontend", "--target", TARGET, "--profile", PROFILE]);
    if has_std_source() {
        // The flags are unstable, but the compiler that must know them is the one at hand.
        build.args(SMALLEST).env("RUSTC_BOOTSTRAP", "1");
    } else {
        eprintln!("the source of Rust's standard library is missing: the module is larger than it could be");
        eprintln!("(rustup component add rust-src, or Debian's rust-web-src)");
    }
    tools::run(&mut build)?;
    Ok(tools::target_dir().join(TARGET).join(PROFILE).join("frontend.wasm"))
}

/// Whether the compiler has its standard library's source beside it.
fn has_std_source() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().ok();
    let sysroot = sysroot.and_then(|output| String::from_utf8(output.stdout).ok());
    sysroot
        .is_some_and(|path| Path::new(path.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}

/// Turns the compiled module into hashed files in `pkg`.
pub(crate) fn pack(module: &Path, pkg: &Path) -> Result<Packed> {
    let work = tools::target_dir().join("site-work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    bind(module, &work)?;

    let wasm = optimise(&work, pkg)?;
    let mut script = fs::read_to_string(work.join("tenantry.js"))?;
    let snippets = move_snippets(&work.join("snippets"), pkg)?;
    if let Some(folder) = &snippets {
        // Only where they are imported: the module knows them by their old names.
        script = script.replace("from \"./snippets/", &format!("from \"./{folder}/"));
    }
    let js = format!("tenantry.{}.js", files::hash(&[script.as_bytes()]));
    fs::write(pkg.join(&js), script)?;
    fs::remove_dir_all(&work)?;
    Ok(Packed { js, wasm, snippets })
}

/// The page names the hashed module when it calls `init`, so the script need not know it.
fn bind(module: &Path, into: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name("tenantry")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(into)?;
    Ok(())
}

fn optimise(work: &Path, pkg: &Path) -> Result<String> {
    let small = work.join("small.wasm");
    tools::run(
        tools::node_tool("wasm-opt")?
            .args(["-Oz", "--strip-debug", "--strip-target-features"])
            .args(FEATURES)
            .arg(work.join("tenantry_bg.wasm"))
            .arg("-o")
            .arg(&small),
    )?;
    let name = format!("tenantry_bg.{}.wasm", files::hash(&[&fs::read(&small)?]));
    fs::rename(small, pkg.join(&name))?;
    Ok(name)
}

/// JavaScript that crates bring along keeps its relative names, in a folder named by content.
fn move_snippets(from: &Path, pkg: &Path) -> Result<Option<String>> {
    let paths = files::below(from)?;
    if paths.is_empty() {
        return Ok(None);
    }
    let mut contents = Vec::new();
    for path in &paths {
        contents.push(fs::read(path)?);
    }
    let parts: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    let folder = format!("snippets.{}", files::hash(&parts));
    let into = pkg.join(&folder);
    if into.exists() {
        fs::remove_dir_all(&into)?;
    }
    fs::rename(from, into)?;
    Ok(Some(folder))
}
