use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::import::{CLIENT_FILE, MAX_FILE};

use super::{
    export_directory::MANIFEST,
    source::{ImportSource, SourceFile, client_path},
};

/// The folder that may contain the folders of the tenants.
const CLIENTS: &str = "clients";
/// How many files beside `client.yaml` a report lists at most.
const MAX_LISTED: usize = 1_000;
/// How deep folders are searched for other files.
const MAX_DEPTH: usize = 4;

/// Reads `DIR/<tenant_id>/client.yaml`, or `DIR/clients/<tenant_id>/client.yaml` if there is such a folder.
/// Does not follow symbolic links; they are listed as not imported.
///
/// # Errors
/// If the directory cannot be listed. A file that cannot be read is a problem of its report.
pub fn read_directory(directory: &Path) -> io::Result<ImportSource> {
    let nested = directory.join(CLIENTS);
    let is_nested = is_plain_directory(&nested) && !nested.join(CLIENT_FILE).is_file();
    let root = if is_nested { nested } else { directory.to_owned() };
    let mut source = ImportSource::default();
    if is_nested {
        for (name, path) in entries(directory)? {
            if name != CLIENTS {
                list(&mut source.not_imported, &name, &path, 0);
            }
        }
    }
    let prefix = if is_nested { format!("{CLIENTS}/") } else { String::new() };
    for (folder, path) in entries(&root)? {
        let shown = format!("{prefix}{folder}");
        let client = path.join(CLIENT_FILE);
        let is_client = is_plain_directory(&path)
            && fs::symlink_metadata(&client).is_ok_and(|metadata| metadata.is_file());
        if !is_client {
            list(&mut source.not_imported, &shown, &path, 0);
            continue;
        }
        source.add_client(&folder, read_file(&client_path(&shown), &client));
        for (name, path) in entries(&path).unwrap_or_default() {
            if name != CLIENT_FILE {
                list(&mut source.not_imported, &format!("{shown}/{name}"), &path, 1);
            }
        }
    }
    Ok(source.sorted())
}

/// Whether a path is a directory, and not a symbolic link to one.
fn is_plain_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// The entries of a directory by name. A name that is not UTF-8 is shown with replacement characters.
fn entries(directory: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    entries.sort();
    Ok(entries)
}

/// Reads a file, unless it is too large.
fn read_file(shown: &str, path: &Path) -> SourceFile {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_FILE as u64 => SourceFile::too_large(shown, metadata.len()),
        Ok(_) => match fs::read(path) {
            Ok(bytes) => SourceFile::new(shown, &bytes),
            Err(_) => SourceFile::unreadable(shown),
        },
        Err(_) => SourceFile::unreadable(shown),
    }
}

/// Adds a file, or the files in a folder, to the list of files that are not imported.
fn list(listed: &mut Vec<String>, shown: &str, path: &Path, depth: usize) {
    if listed.len() >= MAX_LISTED || shown == MANIFEST {
        return;
    }
    let nested = match is_plain_directory(path) && depth < MAX_DEPTH {
        true => entries(path).unwrap_or_default(),
        false => Vec::new(),
    };
    if nested.is_empty() {
        let slash = if is_plain_directory(path) { "/" } else { "" };
        listed.push(format!("{shown}{slash}"));
    }
    for (name, path) in nested {
        list(listed, &format!("{shown}/{name}"), &path, depth + 1);
    }
}
