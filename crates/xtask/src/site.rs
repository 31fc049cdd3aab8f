//! Everything that a browser downloads, in `$CARGO_TARGET_DIR/site`: `pkg/` with hashed names, the
//! files of `public/`, and `manifest.json`, which tells the server the hashed names.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{Result, files, public, script, style, tools};

/// How much of the site to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Everything,
    Style,
}

/// Builds what changed since the last time, and removes what nothing refers to any more.
pub(crate) fn build(scope: Scope) -> Result<()> {
    let site = tools::target_dir().join("site");
    let pkg = site.join("pkg");
    fs::create_dir_all(&pkg)?;
    let record = tools::target_dir().join("site-record.json");
    let last = read_json(&record);

    let style = part(&last["style"], style_inputs()?, &pkg, || Ok(json!({ "css": style::pack(&pkg)? })))?;
    let script = match scope {
        Scope::Everything => build_script(&last["script"], &pkg)?,
        Scope::Style if last["script"].is_object() => last["script"].clone(),
        Scope::Style => return Err("there is no site yet; run: cargo xtask site".into()),
    };
    files::compress(&public::copy(&site, &["pkg", "manifest.json"])?)?;

    let path = |value: &Value| format!("/pkg/{}", value.as_str().unwrap_or_default());
    let manifest =
        json!({ "js": path(&script["js"]), "wasm": path(&script["wasm"]), "css": path(&style["css"]) });
    files::replace(&site.join("manifest.json"), &serde_json::to_vec_pretty(&manifest)?)?;
    files::replace(&record, &serde_json::to_vec_pretty(&json!({ "script": script, "style": style }))?)?;
    sweep(&pkg, &names(&script).chain(names(&style)).collect::<Vec<_>>())?;
    report(&pkg, &script, &style)
}

fn build_script(last: &Value, pkg: &Path) -> Result<Value> {
    let module = script::compile()?;
    let inputs = vec![module.clone(), tools::root().join("package-lock.json")];
    part(last, inputs, pkg, || {
        let packed = script::pack(&module, pkg)?;
        Ok(json!({ "js": packed.js, "wasm": packed.wasm, "snippets": packed.snippets }))
    })
}

fn style_inputs() -> Result<Vec<PathBuf>> {
    let mut inputs = files::below(&tools::root().join("style"))?;
    inputs.push(tools::root().join("package-lock.json"));
    Ok(inputs)
}

/// One part of the site: the last build's, if it was made from the same inputs and is all there.
fn part(
    last: &Value,
    inputs: Vec<PathBuf>,
    pkg: &Path,
    make: impl FnOnce() -> Result<Value>,
) -> Result<Value> {
    let stamp = files::stamp(&inputs)?;
    let whole = |name: &str| pkg.join(name).is_dir() || files::with_suffix(&pkg.join(name), "gz").exists();
    if last["inputs"] == stamp && names(last).all(whole) {
        return Ok(last.clone());
    }
    let mut made = make()?;
    let mut fresh = Vec::new();
    for name in names(&made) {
        let path = pkg.join(name);
        fresh.extend(if path.is_dir() { files::below(&path)? } else { vec![path] });
    }
    files::compress(&fresh)?;
    made["inputs"] = stamp.into();
    Ok(made)
}

/// The names in `pkg/` of a part.
fn names(part: &Value) -> impl Iterator<Item = &str> {
    ["js", "wasm", "css", "snippets"].into_iter().filter_map(|key| part[key].as_str())
}

fn sweep(pkg: &Path, wanted: &[&str]) -> Result<()> {
    for entry in fs::read_dir(pkg)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !wanted.contains(&name.trim_end_matches(".br").trim_end_matches(".gz")) {
            files::remove(&entry.path())?;
        }
    }
    Ok(())
}

fn report(pkg: &Path, script: &Value, style: &Value) -> Result<()> {
    let (mut raw, mut brotli) = (0, 0);
    for name in names(script).chain(names(style)) {
        let path = pkg.join(name);
        for file in if path.is_dir() { files::below(&path)? } else { vec![path] } {
            if file.extension().is_some_and(|extension| extension == "br" || extension == "gz") {
                continue;
            }
            let sizes = (fs::metadata(&file)?.len(), fs::metadata(files::with_suffix(&file, "br"))?.len());
            println!("{:>9} bytes {:>8} brotli  {}", sizes.0, sizes.1, file.strip_prefix(pkg)?.display());
            raw += sizes.0;
            brotli += sizes.1;
        }
    }
    println!("{raw:>9} bytes {brotli:>8} brotli  in all");
    Ok(())
}

/// What a JSON file holds; nothing, if there is none that can be read.
fn read_json(path: &Path) -> Value {
    fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}
