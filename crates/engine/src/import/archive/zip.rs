//! Zip archives.

use std::io::Cursor;

use ::zip::{CompressionMethod, ZipArchive};

use super::{
    entry::{ArchivedFile, MAX_ENTRIES, damaged, link, refused, too_large},
    paths::Paths,
};
use crate::Error;

/// The beginning of each entry of the central directory.
const HEADER: &[u8] = b"PK\x01\x02";
/// How many headers an archive may contain before its directory is read. The library reads the whole directory at
/// once, and 16 MiB have space for 360,000 entries, which need more than 100 MiB. The files themselves may contain
/// a few headers.
const MAX_HEADERS: usize = 2 * MAX_ENTRIES;

/// The maximum number of entries that a reader can find, by their headers. The number in the end record is not
/// reliable.
fn headers(bytes: &[u8]) -> usize {
    bytes.windows(HEADER.len()).filter(|window| *window == HEADER).count()
}

/// Reads a zip.
pub(super) fn read_zip(bytes: &[u8]) -> Result<Vec<ArchivedFile>, Error> {
    if headers(bytes) > MAX_HEADERS {
        return Err(too_large());
    }
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
