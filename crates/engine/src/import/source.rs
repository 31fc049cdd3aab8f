use std::sync::Arc;

use domain::import::{CLIENT_FILE, MAX_FILE};

/// The files of an import, before they are parsed. Cheap to clone.
#[derive(Debug, Default, Clone)]
pub struct ImportSource {
    /// The `client.yaml` files, by the names of their folders.
    pub(super) clients: Vec<Arc<ClientSource>>,
    /// The file with the owners and the other members.
    pub(super) owners: Option<Arc<SourceFile>>,
    /// The files that are not imported.
    pub(super) not_imported: Vec<String>,
}

/// The `client.yaml` of a folder.
#[derive(Debug)]
pub(super) struct ClientSource {
    /// The name of the folder.
    pub folder: String,
    pub file: SourceFile,
}

/// A file and its content, or why the content cannot be used.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// The path, as reports show it.
    pub path: String,
    pub content: Result<String, FileProblem>,
}

/// Why the content of a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileProblem {
    pub line: Option<usize>,
    pub rule: &'static str,
    pub message: String,
}

impl ImportSource {
    /// Sets the file with the owners. `path` is its name in reports.
    #[must_use]
    pub fn with_owners(mut self, path: &str, bytes: &[u8]) -> Self {
        self.owners = Some(Arc::new(SourceFile::new(path, bytes)));
        self
    }

    /// The number of folders with a `client.yaml`.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whether no folder has a `client.yaml`.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// Adds the `client.yaml` of a folder.
    pub(super) fn add_client(&mut self, folder: &str, file: SourceFile) {
        self.clients.push(Arc::new(ClientSource { folder: folder.to_owned(), file }));
    }

    /// Sorts the folders and the other files by name.
    pub(super) fn sorted(mut self) -> Self {
        self.clients.sort_by(|one, other| one.folder.cmp(&other.folder));
        self.not_imported.sort();
        self
    }
}

impl SourceFile {
    /// Decodes a file.
    pub(super) fn new(path: &str, bytes: &[u8]) -> Self {
        Self { path: path.to_owned(), content: decode(bytes) }
    }

    /// A file that is too large to be read.
    pub(super) fn too_large(path: &str, size: u64) -> Self {
        Self { path: path.to_owned(), content: Err(size_problem(size)) }
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(path: &str) -> Self {
        let message = "The file cannot be read. Check its permissions.".to_owned();
        Self { path: path.to_owned(), content: Err(FileProblem { line: None, rule: "unreadable", message }) }
    }
}

/// The path of a `client.yaml` in reports.
pub(super) fn client_path(folder: &str) -> String {
    format!("{folder}/{CLIENT_FILE}")
}

fn size_problem(size: u64) -> FileProblem {
    let (size, max) = (size.div_ceil(1024), MAX_FILE / 1024);
    let message =
        format!("The file is {size} KiB; the maximum is {max} KiB. Remove what does not belong in it.");
    FileProblem { line: None, rule: "too_large", message }
}

/// Decodes UTF-8, with or without a byte-order mark.
fn decode(bytes: &[u8]) -> Result<String, FileProblem> {
    if bytes.len() > MAX_FILE {
        return Err(size_problem(bytes.len() as u64));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let message = "The file is encoded in UTF-16. Save it as UTF-8.".to_owned();
        return Err(FileProblem { line: Some(1), rule: "encoding", message });
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message =
            "The file is not encoded in UTF-8, but perhaps in Latin-1. Save it as UTF-8.".to_owned();
        FileProblem { line: Some(line), rule: "encoding", message }
    })?;
    match text.contains('\0') {
        true => {
            let message = "The file contains a null character. Remove it.".to_owned();
            Err(FileProblem { line: None, rule: "encoding", message })
        }
        false => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_accepted_and_other_encodings_are_refused() {
        assert_eq!(decode(b"\xEF\xBB\xBFname: x").unwrap(), "name: x");
        let latin = decode(b"client:\n  name: M\xFCller\n").unwrap_err();
        assert_eq!((latin.rule, latin.line), ("encoding", Some(2)));
        assert!(latin.message.contains("Latin-1"));
        assert_eq!(decode(b"\xFF\xFEa\0").unwrap_err().rule, "encoding");
        assert_eq!(decode(&vec![b'x'; 10 * 1024 * 1024]).unwrap_err().rule, "too_large");
    }
}
