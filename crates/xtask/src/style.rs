//! The style sheet: Sass, compressed.

use std::{fs, path::Path};

use crate::{Result, files, tools};

/// Compiles `style/main.scss` into a hashed file in `pkg`; answers with its name.
pub(crate) fn pack(pkg: &Path) -> Result<String> {
    let plain = pkg.join("tenantry.css");
    let source = tools::root().join("style/main.scss");
    tools::run(
        tools::node_tool("sass")?.args(["--style=compressed", "--no-source-map"]).arg(source).arg(&plain),
    )?;
    let name = format!("tenantry.{}.css", files::hash(&[&fs::read(&plain)?]));
    fs::rename(plain, pkg.join(&name))?;
    Ok(name)
}
