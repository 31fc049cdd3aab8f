//! Generates the list of SQL functions that `schema.rs` embeds, one for each file in `migrations/functions`.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let migrations = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../migrations").canonicalize()?;
    // Also rebuilds the crate when a versioned migration is added, which `sqlx::migrate!` would otherwise
    // miss.
    println!("cargo::rerun-if-changed={}", migrations.display());

    let mut files: Vec<_> = fs::read_dir(migrations.join("functions"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();

    let mut list = String::from("&[\n");
    for path in files {
        let name = path.file_stem().ok_or("a file without a name")?.to_string_lossy();
        list += &format!("    Function {{ name: {name:?}, sql: include_str!({path:?}) }},\n");
    }
    list += "]\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("functions.rs"), list)?;
    Ok(())
}
