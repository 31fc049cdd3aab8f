//! Generates the list of SQL functions that `schema.rs` embeds, one for each file in `migrations/functions`.

use std::{env, error::Error, fs, path::Path};

/// The path relative to this package. Several checkouts may share a target directory, so the output of this
/// script must not contain the path of a checkout.
const MIGRATIONS: &str = "../../migrations";

fn main() -> Result<(), Box<dyn Error>> {
    // Also rebuilds the crate when a versioned migration is added, which `sqlx::migrate!` would otherwise
    // miss.
    println!("cargo::rerun-if-changed={MIGRATIONS}");

    let mut names = Vec::new();
    for entry in fs::read_dir(Path::new(MIGRATIONS).join("functions"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            names.push(path.file_stem().ok_or("a file without a name")?.to_string_lossy().into_owned());
        }
    }
    names.sort();

    let mut list = String::from("&[\n");
    for name in names {
        let path = format!("/{MIGRATIONS}/functions/{name}.sql");
        list += &format!(
            "    Function {{ name: {name:?}, template: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?})) }},\n"
        );
    }
    list += "]\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("functions.rs"), list)?;
    Ok(())
}
