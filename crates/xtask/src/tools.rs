//! Where things are, and how other programs are run.

use std::{env, path::PathBuf, process::Command};

use crate::{Result, files};

/// The workspace's root, as `cargo run` tells it: checkouts that share a target directory may share this
/// program too.
pub(crate) fn root() -> PathBuf {
    let manifest_dir =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("crates/xtask"), PathBuf::from);
    manifest_dir.ancestors().nth(2).unwrap_or(&manifest_dir).to_owned()
}

/// Cargo's target directory, as `CARGO_TARGET_DIR` names it.
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The same cargo that runs this chore, in the workspace's root.
///
/// What `cargo run` told this chore about its own package is left out: ring's build script watches
/// those variables, and would compile its C code anew at every change of hands.
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

/// A program of the root `package.json`, from the folder where `scripts/setup` keeps them by lock file.
pub(crate) fn node_tool(name: &str) -> Result<Command> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    let lock = files::hash(&[&std::fs::read(root().join("package-lock.json"))?]);
    let path = cache.join("tenantry/npm").join(lock).join("node_modules/.bin").join(name);
    if !path.exists() {
        return Err(format!("{name} is not installed; run: scripts/setup build").into());
    }
    Ok(Command::new(path))
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed: {status}").into()) }
}
