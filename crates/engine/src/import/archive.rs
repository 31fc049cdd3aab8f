//! Archives of folders with `client.yaml` files: zip, and tar compressed with gzip. The limits apply while an
//! archive is decompressed, so that a small archive cannot use much memory or time.

use std::{
    collections::HashSet,
    io::{Cursor, Read},
};

use domain::{
    FieldProblem, Problem,
    import::{CLIENT_FILE, MAX_FILE, OWNERS_FILE},
};
use flate2::read::MultiGzDecoder;
use tar::EntryType;
use zip::{CompressionMethod, ZipArchive};

use super::source::{ImportSource, SourceFile};
use crate::Error;

/// The maximum number of entries.
const MAX_ENTRIES: usize = 20_000;
/// The maximum size of all decompressed files, in bytes.
const MAX_TOTAL: u64 = 64 * 1024 * 1024;
/// The maximum length of a path, in bytes.
const MAX_PATH: usize = 400;
/// The folder that may contain the folders of the tenants.
const CLIENTS: &str = "clients";
/// How many files beside `client.yaml` a report lists at most.
const MAX_LISTED: usize = 1_000;

/// Reads an archive. The file `owners.csv` beside the folders names the owners.
///
/// # Errors
/// `VALIDATION_ERROR` for an archive that is damaged, too large, not supported or not safe: with a path that
/// is absolute or leaves the archive, a link, a device or a repeated path.
pub fn read_archive(bytes: &[u8]) -> Result<ImportSource, Error> {
    let files = match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => read_zip(bytes)?,
        [0x1F, 0x8B, ..] => read_tar(MultiGzDecoder::new(bytes))?,
        _ => {
            return Err(refused(
                "type",
                "The file is neither a zip nor a tar.gz archive. Send one of these.",
            ));
        }
    };
    let source = sort_files(files);
    match source.is_empty() {
        true => {
            let message = "The archive contains no <tenant_id>/client.yaml. Add one folder for each tenant.";
            Err(refused("empty", message))
        }
        false => Ok(source),
    }
}

/// A file of an archive. The content is read only of the files that are imported.
struct ArchivedFile {
    path: Vec<String>,
    content: Content,
}

enum Content {
    Read(Vec<u8>),
    TooLarge(u64),
    Ignored,
}

fn refused(rule: &str, message: &str) -> Error {
    Problem::from_fields(vec![FieldProblem::new("archive", rule, message)]).into()
}

fn damaged() -> Error {
    refused("damaged", "The archive is damaged or incomplete. Create it again.")
}

fn too_large() -> Error {
    let message = format!(
        "The archive is larger than {} MiB when it is decompressed, or has more than {MAX_ENTRIES} entries. Split it.",
        MAX_TOTAL / 1024 / 1024
    );
    refused("too_large", &message)
}

/// Checks the paths of an archive.
#[derive(Default)]
struct Paths {
    seen: HashSet<String>,
    total: u64,
}

impl Paths {
    /// The parts of a path. Empty for the root.
    fn check(&mut self, raw: &[u8]) -> Result<Vec<String>, Error> {
        let unsafe_path = || {
            let shown: String =
                String::from_utf8_lossy(raw).chars().filter(|c| !c.is_control()).take(80).collect();
            let message = format!(
                "The path {shown} is absolute, leaves the archive, or is not a valid name. Remove the entry."
            );
            refused("path", &message)
        };
        let text = std::str::from_utf8(raw).map_err(|_| unsafe_path())?;
        let is_drive = text.as_bytes().get(1) == Some(&b':');
        if text.len() > MAX_PATH
            || text.starts_with('/')
            || is_drive
            || text.contains(|c: char| c == '\\' || c.is_control())
        {
            return Err(unsafe_path());
        }
        let parts: Vec<String> =
            text.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
        if parts.iter().any(|part| part == "..") {
            return Err(unsafe_path());
        }
        Ok(parts)
    }

    /// Counts a file, whose path must not be repeated.
    fn add(&mut self, parts: &[String]) -> Result<(), Error> {
        let path = parts.join("/");
        // File systems that ignore case would replace the first file.
        if !self.seen.insert(path.to_lowercase()) {
            let message = format!("The path {path} appears twice. Remove one of the entries.");
            return Err(refused("repeated", &message));
        }
        if self.seen.len() > MAX_ENTRIES { Err(too_large()) } else { Ok(()) }
    }

    /// Reads the content of a file that may be imported.
    fn read(&mut self, parts: &[String], size: u64, reader: impl Read) -> Result<Content, Error> {
        let is_imported = parts.last().is_some_and(|name| name == CLIENT_FILE || name == OWNERS_FILE);
        if !is_imported {
            return Ok(Content::Ignored);
        }
        if size > MAX_FILE as u64 {
            return Ok(Content::TooLarge(size));
        }
        let mut bytes = Vec::new();
        reader.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
        self.total += bytes.len() as u64;
        match bytes.len() {
            _ if self.total > MAX_TOTAL => Err(too_large()),
            length if length > MAX_FILE => Ok(Content::TooLarge(length as u64)),
            _ => Ok(Content::Read(bytes)),
        }
    }
}

fn read_zip(bytes: &[u8]) -> Result<Vec<ArchivedFile>, Error> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    if archive.len() > MAX_ENTRIES {
        return Err(too_large());
    }
    if archive.has_duplicate_names() {
        return Err(refused("repeated", "The archive contains a path twice. Create it again."));
    }
    if archive.has_overlapping_entries().map_err(|_| damaged())? {
        return Err(damaged());
    }
    let (mut files, mut paths) = (Vec::new(), Paths::default());
    for index in 0..archive.len() {
        let (raw, is_directory, is_regular, is_supported) = {
            let entry = archive.by_index_raw(index).map_err(|_| damaged())?;
            let kind = entry.unix_mode().unwrap_or_default() & 0o170_000;
            let is_supported = !entry.encrypted()
                && matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated);
            let is_directory = entry.is_dir();
            let is_regular = is_directory || matches!(kind, 0 | 0o100_000);
            (entry.name_raw().to_vec(), is_directory, is_regular, is_supported)
        };
        let parts = paths.check(&raw)?;
        if !is_regular {
            return Err(link(&parts));
        }
        if is_directory {
            continue;
        }
        if !is_supported {
            let message = "The archive is encrypted, or compressed in a way that is not supported. \
                           Create it with the method deflate and without a password.";
            return Err(refused("compression", message));
        }
        paths.add(&parts)?;
        let entry = archive.by_index(index).map_err(|_| damaged())?;
        let content = paths.read(&parts, entry.size(), entry)?;
        files.push(ArchivedFile { path: parts, content });
    }
    Ok(files)
}

fn read_tar(decoder: impl Read) -> Result<Vec<ArchivedFile>, Error> {
    let mut limited = LimitedReader { reader: decoder, left: MAX_TOTAL, is_exceeded: false };
    let result = read_tar_entries(&mut limited);
    if limited.is_exceeded { Err(too_large()) } else { result }
}

fn read_tar_entries(reader: impl Read) -> Result<Vec<ArchivedFile>, Error> {
    let mut archive = tar::Archive::new(reader);
    let (mut files, mut paths) = (Vec::new(), Paths::default());
    for (index, entry) in archive.entries().map_err(|_| damaged())?.enumerate() {
        if index >= MAX_ENTRIES {
            return Err(too_large());
        }
        let entry = entry.map_err(|_| damaged())?;
        let parts = paths.check(&entry.path_bytes())?;
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Directory | EntryType::XGlobalHeader => continue,
            _ => return Err(link(&parts)),
        }
        paths.add(&parts)?;
        let size = entry.size();
        let content = paths.read(&parts, size, entry)?;
        files.push(ArchivedFile { path: parts, content });
    }
    Ok(files)
}

fn link(parts: &[String]) -> Error {
    let message = format!(
        "{} is a link, a device or another special file. Put only files and folders into the archive.",
        parts.join("/")
    );
    refused("special_file", &message)
}

/// Ends after a number of bytes.
struct LimitedReader<R> {
    reader: R,
    left: u64,
    is_exceeded: bool,
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                self.is_exceeded = true;
                return Err(std::io::Error::other("the archive is too large"));
            }
        }
        Ok(count)
    }
}

/// Finds the folder with the folders of the tenants: the root of the archive, its folder `clients`, or the
/// same in the only folder of the archive.
fn sort_files(files: Vec<ArchivedFile>) -> ImportSource {
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
            _ if is_owners => source.owners = Some(file),
            _ => source.not_imported.push(shown),
        }
    }
    source.sorted()
}
