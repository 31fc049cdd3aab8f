//! Compiles the crate `frontend` to WebAssembly.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Result, tools};

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm-release";

/// Arguments that minimise the module's size. They compile the standard library from source, optimised for
/// size. A panic aborts immediately instead of formatting a message.
const SIZE_ARGUMENTS: [&str; 4] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    r#"build.rustflags=["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"]"#,
];

/// Compiles `frontend` with relocations, which splitting needs. Returns the module's path.
///
/// # Errors
/// Fails if cargo fails.
pub(crate) fn compile() -> Result<PathBuf> {
    let mut build = tools::cargo();
    build.args(["rustc", "--package", "frontend", "--lib", "--target", TARGET, "--profile", PROFILE]);
    if has_std_source() {
        // The flags are unstable. `RUSTC_BOOTSTRAP` allows them on the stable compiler in use.
        build.args(SIZE_ARGUMENTS).env("RUSTC_BOOTSTRAP", "1");
    } else {
        eprintln!("the source of Rust's standard library is missing, so the module is larger than necessary");
        eprintln!("(install it: rustup component add rust-src, or Debian's package rust-web-src)");
    }
    tools::run(build.args(["--", "-Clink-arg=--emit-relocs"]))?;
    Ok(tools::target_dir().join(TARGET).join(PROFILE).join("frontend.wasm"))
}

/// Returns whether the source of the compiler's standard library is installed.
fn has_std_source() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().ok();
    let sysroot = sysroot.and_then(|output| String::from_utf8(output.stdout).ok());
    sysroot
        .is_some_and(|path| Path::new(path.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}
