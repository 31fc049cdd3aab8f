//! The signed head of the chain: its last position and hash, in a file outside the database.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use domain::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::MasterKey;

/// The head of the chain at some time, signed with a key that derives from the master key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedHead {
    /// The last position.
    pub position: i64,
    /// The chain hash of that position, in hexadecimal digits.
    pub chain_hash: String,
    /// When the head was signed.
    pub signed_at: Timestamp,
    /// The Ed25519 public key, in hexadecimal digits.
    pub public_key: String,
    /// The Ed25519 signature, in hexadecimal digits.
    pub signature: String,
}

impl SignedHead {
    pub(super) fn sign(
        key: &MasterKey,
        position: i64,
        chain_hash: &[u8],
        signed_at: Timestamp,
    ) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&key.signing_seed()).ok()?;
        let chain_hash = hex::encode(chain_hash);
        let signature = pair.sign(message(position, &chain_hash, signed_at).as_bytes());
        Some(Self {
            position,
            chain_hash,
            signed_at,
            public_key: hex::encode(pair.public_key()),
            signature: hex::encode(signature),
        })
    }

    /// Whether this installation has signed the head.
    pub(super) fn is_signed_by(&self, key: &MasterKey) -> bool {
        let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(&key.signing_seed()) else { return false };
        let Ok(signature) = hex::decode(&self.signature) else { return false };
        let message = message(self.position, &self.chain_hash, self.signed_at);
        UnparsedPublicKey::new(&ED25519, pair.public_key()).verify(message.as_bytes(), &signature).is_ok()
    }
}

/// The signed text.
fn message(position: i64, chain_hash: &str, signed_at: Timestamp) -> String {
    format!("tenantry audit head\n{position}\n{chain_hash}\n{signed_at}\n")
}

/// Why the head of the chain cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The file cannot be read or written.
    #[error("the file {} with the head of the audit log cannot be read or written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file does not contain a head.
    #[error("the file {} does not contain the head of an audit log. Restore the file from a backup", .0.display())]
    Damaged(PathBuf),
}

/// The file with the signed head of the chain.
#[derive(Debug, Clone)]
pub struct HeadFile(PathBuf);

impl HeadFile {
    /// Names the file, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the head. `None` if the file does not exist.
    ///
    /// # Errors
    /// If the file cannot be read, or does not contain a head.
    pub fn read(&self) -> Result<Option<SignedHead>, HeadError> {
        let text = match fs::read(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|source| self.io_error(source))?,
        };
        serde_json::from_slice(&text).map(Some).map_err(|_| HeadError::Damaged(self.0.clone()))
    }

    /// Replaces the head. A reader sees the former head or the new one.
    pub(super) fn write(&self, head: &SignedHead) -> Result<(), HeadError> {
        let text = serde_json::to_string_pretty(head).map_err(|error| self.io_error(error.into()))?;
        // Processes in different containers can have the same ID.
        let temporary = self.0.with_extension(format!("json.{}", Uuid::new_v4().simple()));
        let directory =
            self.0.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let write = || {
            fs::create_dir_all(directory)?;
            let mut file = fs::File::create(&temporary)?;
            file.write_all(format!("{text}\n").as_bytes())?;
            // Without these, the file can be empty after a power failure.
            file.sync_all()?;
            fs::rename(&temporary, &self.0)?;
            fs::File::open(directory)?.sync_all()
        };
        write().map_err(|source| self.io_error(source))
    }

    pub(super) fn io_error(&self, source: io::Error) -> HeadError {
        HeadError::Io { path: self.0.clone(), source }
    }
}
