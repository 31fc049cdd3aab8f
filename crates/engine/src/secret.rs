//! Random tokens, their hashes, and the master key.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::fingerprint::fingerprint;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

/// The master key of the installation: 32 bytes that are never stored in the database, logged or sent.
#[derive(Debug)]
pub struct MasterKey(SecretBox<[u8; 32]>);

impl MasterKey {
    /// Wraps the bytes that were read from a file or the environment.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// Returns the HMAC-SHA-256 of a payload in canonical form. Equal payloads have equal fingerprints, and
    /// only this installation can compute them.
    pub fn fingerprint(&self, payload: &serde_json::Value) -> [u8; 32] {
        fingerprint(self.0.expose_secret(), payload)
    }

    /// Derives the key that wraps data keys. The master key itself is not used for encryption.
    pub(crate) fn wrapping_key(&self) -> [u8; 32] {
        fingerprint(self.0.expose_secret(), &serde_json::json!({ "purpose": "wrap data keys" }))
    }

    /// Derives the seed of the Ed25519 key that signs the head of the audit log.
    pub(crate) fn signing_seed(&self) -> [u8; 32] {
        fingerprint(
            self.0.expose_secret(),
            &serde_json::json!({ "purpose": "sign the head of the audit log" }),
        )
    }
}

/// Returns the SHA-256 hash of a text, such as a random token. Passwords need Argon2 instead.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Generates a bearer token: `prefix` and 256 random bits in URL-safe base64.
pub(crate) fn new_token(prefix: &str) -> SecretString {
    let random: [u8; 32] = rand::random();
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random)).into()
}
