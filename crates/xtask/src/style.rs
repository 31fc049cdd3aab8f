//! Builds the style sheets from Sass. The console and the portal have their own, because no page needs both.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::{Result, files, hash::hash, tools};

/// The names of the style sheets, which contain the hashes of their content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StyleSheets {
    pub(crate) console: String,
    pub(crate) portal: String,
    /// The style sheet of all other pages, which contains the other two.
    pub(crate) complete: String,
}

impl StyleSheets {
    /// Compiles the style sheets into `pkg`.
    ///
    /// # Errors
    /// Fails if Sass is missing or reports an error.
    pub(crate) fn build(pkg: &Path) -> Result<Self> {
        let build = |name: &str| build(pkg, name);
        Ok(Self { console: build("console")?, portal: build("portal")?, complete: build("main")? })
    }

    /// All names.
    pub(crate) fn names(&self) -> Vec<&str> {
        vec![&self.console, &self.portal, &self.complete]
    }

    /// The name of the style sheet of an area (see [`crate::budget::area`]).
    pub(crate) fn of_area(&self, area: Option<&str>) -> &str {
        match area {
            None => &self.console,
            Some("portal") => &self.portal,
            Some(_) => &self.complete,
        }
    }
}

/// Compiles one style sheet. Returns its name.
fn build(pkg: &Path, name: &str) -> Result<String> {
    let plain = pkg.join(format!("{name}.css"));
    let source = tools::root().join(format!("style/{name}.scss"));
    tools::run(
        tools::node_tool("sass")?.args(["--style=compressed", "--no-source-map"]).arg(source).arg(&plain),
    )?;
    let content = fs::read(&plain)?;
    let name = format!("{name}.{}.css", hash(&[&content]));
    files::replace(&pkg.join(&name), &content)?;
    fs::remove_file(plain)?;
    Ok(name)
}
