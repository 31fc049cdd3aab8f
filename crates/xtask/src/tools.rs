//! The workspace's paths, and the programs that tasks run.

use std::{env, fs, path::PathBuf, process::Command};

use crate::{Result, hash::hash};

/// Returns the workspace's root.
///
/// `cargo run` passes the directory of this package in a variable. A path compiled into this program would be
/// wrong if two checkouts share a target directory, because they also share the compiled program.
pub(crate) fn root() -> PathBuf {
    let manifest_dir =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("crates/xtask"), PathBuf::from);
    manifest_dir.ancestors().nth(2).unwrap_or(&manifest_dir).to_owned()
}

/// Returns cargo's target directory.
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Returns a command for the cargo that runs this task, in the workspace's root.
///
/// The variables that `cargo run` sets for this package are removed: ring's build script watches them
/// and would compile its C code again whenever they change.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Returns a command for a program of the root `package.json`. `scripts/setup` installs these programs in
/// a directory named by the lock file's hash.
///
/// # Errors
/// Fails if the program is not installed.
pub(crate) fn node_tool(name: &str) -> Result<Command> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    let lock = hash(&[&fs::read(root().join("package-lock.json"))?]);
    let path = cache.join("tenantry/npm").join(lock).join("node_modules/.bin").join(name);
    if !path.exists() {
        return Err(format!("{name} is not installed; run: scripts/setup build").into());
    }
    Ok(Command::new(path))
}

/// Runs a command and waits until it ends.
///
/// # Errors
/// Fails if the command cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed: {status}").into()) }
}
