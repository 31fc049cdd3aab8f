//! Which files of an archive are imported.

use domain::import::{CLIENT_FILE, OWNERS_FILE};

use super::entry::{ArchivedFile, Content};
use crate::import::source::{ImportSource, SourceFile};

/// The folder that may contain the folders of the tenants.
const CLIENTS: &str = "clients";
/// How many files beside `client.yaml` a report lists at most.
const MAX_LISTED: usize = 1_000;

/// Finds the folder with the folders of the tenants: the root of the archive, its folder `clients`, or the
/// same in the only folder of the archive.
pub(super) fn sort_files(files: Vec<ArchivedFile>) -> ImportSource {
    let has_client = |prefix: &[String]| {
        files.iter().any(|file| {
            file.path.len() == prefix.len() + 2
                && file.path.starts_with(prefix)
                && file.path.last().is_some_and(|name| name == CLIENT_FILE)
        })
    };
    let clients = CLIENTS.to_owned();
    let top = files.first().and_then(|file| file.path.first()).cloned().unwrap_or_default();
    let is_wrapped = files.iter().all(|file| file.path.len() > 1 && file.path[0] == top);
    let wrapped = if is_wrapped { vec![vec![top.clone()], vec![top, clients.clone()]] } else { Vec::new() };
    let candidates = [vec![vec![clients]], wrapped, vec![vec![]]].concat();
    let root = candidates.into_iter().find(|prefix| has_client(prefix)).unwrap_or_default();
    let base =
        if root.last().is_some_and(|name| name == CLIENTS) { &root[..root.len() - 1] } else { &root[..] };

    let mut source = ImportSource::default();
    for ArchivedFile { path, content } in files {
        let shown = path.join("/");
        let is_client = path.len() == root.len() + 2 && path.starts_with(&root);
        let is_owners = path.last().is_some_and(|name| name == OWNERS_FILE)
            && (path.len() == base.len() + 1 && path.starts_with(base)
                || path.len() == root.len() + 1 && path.starts_with(&root));
        let file = match content {
            Content::Read(bytes) => SourceFile::new(&shown, &bytes),
            Content::TooLarge(size) => SourceFile::too_large(&shown, size),
            Content::Ignored => {
                if source.not_imported.len() < MAX_LISTED {
                    source.not_imported.push(shown);
                }
                continue;
            }
        };
        match path.as_slice() {
            [.., folder, name] if is_client && name == CLIENT_FILE => source.add_client(folder, file),
            _ if is_owners => source.owners = Some(file.into()),
            _ if source.not_imported.len() < MAX_LISTED => source.not_imported.push(shown),
            _ => {}
        }
    }
    source.sorted()
}
