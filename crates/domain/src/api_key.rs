//! API keys: `sk_live_<slug>_<random><checksum>` (`docs/specification.md`, section 7).

use std::fmt;

use crate::{slug::Slug, text_form::problems};

/// The digits of base 62.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The number of base-62 digits that hold 24 random bytes.
const RANDOM_DIGITS: usize = 33;
/// The number of base-62 digits that hold a CRC-32.
const CHECKSUM_DIGITS: usize = 6;

/// The purpose of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiKeyKind {
    /// Identifies the tenant in a browser. Not a secret.
    Public,
    /// Authenticates as the tenant. Shown once and stored as a hash.
    Secret,
}

impl ApiKeyKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Public, Self::Secret];

    /// The prefix of keys of this kind.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Public => "pk_live",
            Self::Secret => "sk_live",
        }
    }
}

/// A complete key. Its checksum reveals a mistyped or truncated key without a database query.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ApiKey {
    kind: ApiKeyKind,
    text: String,
}

problems! {
    /// The reason why a text is not a valid API key.
    ApiKeyProblem {
        Malformed = "malformed", "An API key starts with pk_live_ or sk_live_, followed by the tenant's slug. Copy the key again.";
        Checksum = "checksum", "This API key is incomplete or contains a wrong character. Copy the key again.";
    }
}

impl ApiKey {
    /// Builds a tenant's key from 24 random bytes, which must come from the operating system.
    pub fn assemble(kind: ApiKeyKind, slug: &Slug, random: &[u8; 24]) -> Self {
        let body = format!("{}_{slug}_{}", kind.prefix(), base62::<RANDOM_DIGITS>(random));
        let check = checksum(&body);
        Self { kind, text: body + &check }
    }

    /// Parses a key and verifies its checksum.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, ApiKeyProblem> {
        let (kind, rest) = ApiKeyKind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?.strip_prefix('_')?)))
            .ok_or(ApiKeyProblem::Malformed)?;
        let (slug, digits) = rest.split_once('_').ok_or(ApiKeyProblem::Malformed)?;
        Slug::parse_existing(slug).map_err(|_| ApiKeyProblem::Malformed)?;
        if digits.len() != RANDOM_DIGITS + CHECKSUM_DIGITS || !digits.bytes().all(|b| DIGITS.contains(&b)) {
            return Err(ApiKeyProblem::Malformed);
        }
        let (body, check) = text.split_at(text.len() - CHECKSUM_DIGITS);
        match checksum(body) == check {
            true => Ok(Self { kind, text: text.to_owned() }),
            false => Err(ApiKeyProblem::Checksum),
        }
    }

    /// The purpose of the key.
    pub const fn kind(&self) -> ApiKeyKind {
        self.kind
    }

    /// The complete key, to hash it or to show it once.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// A short form that identifies the key without revealing it: the prefix, the slug and the last four
    /// characters, which belong to the checksum.
    pub fn public_hint(&self) -> String {
        let (body, last) = self.text.split_at(self.text.len() - 4);
        let prefix = &body[..body.rfind('_').map_or(0, |at| at + 1)];
        format!("{prefix}…{last}")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ApiKeyKind::Public => write!(f, "ApiKey({})", self.text),
            ApiKeyKind::Secret => write!(f, "ApiKey({})", self.public_hint()),
        }
    }
}

fn checksum(body: &str) -> String {
    base62::<CHECKSUM_DIGITS>(&crc32(body.as_bytes()).to_be_bytes())
}

/// A big-endian number in base 62, padded with zeros to `N` digits.
fn base62<const N: usize>(bytes: &[u8]) -> String {
    let mut digits = [0_u32; N];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in digits.iter_mut().rev() {
            carry += *digit * 256;
            *digit = carry % 62;
            carry /= 62;
        }
    }
    digits.into_iter().map(|digit| char::from(DIGITS[digit as usize])).collect()
}

/// CRC-32 as used by zlib and PNG. It detects every error within four adjacent characters.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
            },
        )
    })
}
