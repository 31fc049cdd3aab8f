//! Tar archives.

use std::io::Read;

use ::tar::EntryType;

use super::{
    entry::{ArchivedFile, MAX_ENTRIES, MAX_TOTAL, damaged, link, too_large},
    paths::Paths,
};
use crate::Error;

/// Reads a tar.
pub(super) fn read_tar(decoder: impl Read) -> Result<Vec<ArchivedFile>, Error> {
    let mut limited = LimitedReader { reader: decoder, left: MAX_TOTAL, is_exceeded: false };
    let result = read_tar_entries(&mut limited);
    if limited.is_exceeded { Err(too_large()) } else { result }
}

fn read_tar_entries(reader: impl Read) -> Result<Vec<ArchivedFile>, Error> {
    let mut archive = ::tar::Archive::new(reader);
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
