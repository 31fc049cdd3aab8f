//! The paths and the sizes of the files of an archive.

use std::{collections::HashSet, io::Read};

use domain::import::{CLIENT_FILE, MAX_FILE, OWNERS_FILE};

use super::entry::{Content, MAX_ENTRIES, MAX_TOTAL, damaged, refused, too_large};
use crate::Error;

/// The maximum length of a path, in bytes.
const MAX_PATH: usize = 400;

/// Checks the paths of an archive.
#[derive(Default)]
pub(super) struct Paths {
    seen: HashSet<String>,
    total: u64,
}

impl Paths {
    /// The parts of a path. Empty for the root.
    pub(super) fn check(&mut self, raw: &[u8]) -> Result<Vec<String>, Error> {
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
    pub(super) fn add(&mut self, parts: &[String]) -> Result<(), Error> {
        let path = parts.join("/");
        // File systems that ignore case would replace the first file.
        if !self.seen.insert(path.to_lowercase()) {
            let message = format!("The path {path} appears twice. Remove one of the entries.");
            return Err(refused("repeated", &message));
        }
        if self.seen.len() > MAX_ENTRIES { Err(too_large()) } else { Ok(()) }
    }

    /// Reads the content of a file that may be imported.
    pub(super) fn read(&mut self, parts: &[String], size: u64, reader: impl Read) -> Result<Content, Error> {
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
