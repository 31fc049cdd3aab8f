//! Archives of folders with `client.yaml` files: zip, and tar compressed with gzip. The limits apply while an
//! archive is decompressed, so that a small archive cannot use much memory or time.

mod entry;
mod layout;
mod paths;
mod tar;
mod zip;

use flate2::read::MultiGzDecoder;

use self::{entry::refused, layout::sort_files, tar::read_tar, zip::read_zip};
use super::source::ImportSource;
use crate::Error;

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
