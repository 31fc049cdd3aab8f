//! Builds the style sheet from Sass.

use std::{fs, path::Path};

use crate::{Result, files, hash::hash, tools};

/// Compiles `style/main.scss` into a file in `pkg` whose name contains the hash of its content. Returns the
/// name.
///
/// # Errors
/// Fails if Sass is missing or reports an error.
pub(crate) fn build(pkg: &Path) -> Result<String> {
    let plain = pkg.join("tenantry.css");
    let source = tools::root().join("style/main.scss");
    tools::run(
        tools::node_tool("sass")?.args(["--style=compressed", "--no-source-map"]).arg(source).arg(&plain),
    )?;
    let content = fs::read(&plain)?;
    let name = format!("tenantry.{}.css", hash(&[&content]));
    files::replace(&pkg.join(&name), &content)?;
    fs::remove_file(plain)?;
    Ok(name)
}
