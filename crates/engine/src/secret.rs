//! Random values, their hashes, and the key that everything secret is derived from.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::fingerprint::fingerprint;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

/// The installation's one secret: 32 bytes that never leave the process.
#[derive(Debug)]
pub struct MasterKey(SecretBox<[u8; 32]>);

impl MasterKey {
    /// Wraps the bytes as they were read from a file or the environment.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// HMAC-SHA-256 of a payload in canonical form: equal for equal payloads of this
    /// installation, and telling nothing about them outside it.
    pub fn fingerprint(&self, payload: &serde_json::Value) -> [u8; 32] {
        fingerprint(self.0.expose_secret(), payload)
    }

    /// The key that wraps other keys: derived, so that no key has two uses.
    pub(crate) fn wrapping_key(&self) -> [u8; 32] {
        fingerprint(self.0.expose_secret(), &serde_json::json!({ "purpose": "wrap data keys" }))
    }
}

/// SHA-256, for tokens of at least 160 random bits (a password needs Argon2 instead).
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A fresh bearer token: 256 random bits in URL-safe base64, after `prefix`.
pub fn new_token(prefix: &str) -> SecretString {
    let random: [u8; 32] = rand::random();
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random)).into()
}
