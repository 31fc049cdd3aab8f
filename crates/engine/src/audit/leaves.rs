//! The values of an entry, each hashed with its own salt, so that each can be erased.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A SHA-256 hash.
pub(super) type Hash = [u8; 32];

/// The values of an entry by their path, such as `actor` and `after.name`, as PostgreSQL prints them in JSON.
pub(super) type Leaves = BTreeMap<String, String>;

/// The size of a seed and of a salt, in bytes.
const SALT_SIZE: usize = 16;

/// Random bytes of a salt.
pub(super) type Salt = [u8; SALT_SIZE];

/// What an erased value is replaced by: null, or this name of an actor. The erasure of a person also uses the
/// pseudonym of the person.
const ERASED: [&str; 2] = ["null", "\"redacted\""];

/// The salts of the values of an entry, as `audit_salts` stores them.
#[derive(Debug)]
pub(super) enum Salts {
    /// The salt of each value derives from this seed.
    Seed(Salt),
    /// A value was erased: each value has its own salt, or the hash that remains of it.
    Leaves(BTreeMap<String, StoredLeaf>),
}

/// What is stored about one value, in hexadecimal digits.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredLeaf {
    /// The salt of a value that the entry still has.
    Salt { salt: String },
    /// The salted hash of an erased value, and the erasure of the person whose value it was. Without an erasure, the
    /// value was erased when its tenant was purged.
    Digest { digest: String, erasure: Option<Uuid> },
}

/// A value that was erased with a person.
#[derive(Debug)]
pub(super) struct ErasedLeaf<'a> {
    pub path: &'a str,
    pub erasure: Uuid,
}

/// The salted hash of a value.
#[derive(Debug)]
pub(super) struct LeafHash {
    pub path: String,
    pub hash: Hash,
}

impl Salts {
    /// Whether a value was erased.
    pub(super) fn has_erased_values(&self) -> bool {
        match self {
            Self::Seed(_) => false,
            Self::Leaves(stored) => stored.values().any(|leaf| matches!(leaf, StoredLeaf::Digest { .. })),
        }
    }

    /// Whether a value was erased, but not with a person.
    pub(super) fn has_values_without_erasure(&self) -> bool {
        match self {
            Self::Seed(_) => false,
            Self::Leaves(stored) => {
                stored.values().any(|leaf| matches!(leaf, StoredLeaf::Digest { erasure: None, .. }))
            }
        }
    }

    /// The values that were erased with persons, in the order of their paths.
    pub(super) fn leaves_of_persons(&self) -> impl Iterator<Item = ErasedLeaf<'_>> {
        let stored = match self {
            Self::Seed(_) => None,
            Self::Leaves(stored) => Some(stored),
        };
        stored.into_iter().flatten().filter_map(|(path, leaf)| match leaf {
            StoredLeaf::Digest { erasure: Some(erasure), .. } => Some(ErasedLeaf { path, erasure: *erasure }),
            _ => None,
        })
    }

    /// The salted hashes of the values of an entry, in the order of their paths. `None` if the values do not
    /// match the salts: a value without a salt, a salt without a value, or a value that should be erased.
    pub(super) fn hash(&self, leaves: &Leaves) -> Option<Vec<LeafHash>> {
        let stored = match self {
            Self::Seed(seed) => return Some(hash_with_seed(seed, leaves)),
            Self::Leaves(stored) => stored,
        };
        let paths: BTreeSet<&String> = leaves.keys().chain(stored.keys()).collect();
        let hashes = paths.into_iter().map(|path| {
            let hash = match (stored.get(path)?, leaves.get(path)) {
                (StoredLeaf::Salt { salt }, Some(value)) => salted_hash(&hex::decode(salt).ok()?, value),
                (StoredLeaf::Digest { digest, .. }, None) => decode_hash(digest)?,
                (StoredLeaf::Digest { digest, erasure }, Some(value))
                    if ERASED.contains(&value.as_str()) || (erasure.is_some() && is_pseudonym(value)) =>
                {
                    decode_hash(digest)?
                }
                _ => return None,
            };
            Some(LeafHash { path: path.clone(), hash })
        });
        hashes.collect()
    }
}

/// The salted hashes of the values of an entry from which no value was erased, in the order of their paths.
pub(super) fn hash_with_seed(seed: &Salt, leaves: &Leaves) -> Vec<LeafHash> {
    let hash = |(path, value): (&String, &String)| {
        let salt = &Sha256::new().chain_update(seed).chain_update(path).finalize()[..SALT_SIZE];
        LeafHash { path: path.clone(), hash: salted_hash(salt, value) }
    };
    leaves.iter().map(hash).collect()
}

/// Whether a value in JSON is the pseudonym of an erased person.
fn is_pseudonym(value: &str) -> bool {
    let digits = value.strip_prefix("\"erased-").and_then(|rest| rest.strip_suffix('"'));
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn salted_hash(salt: &[u8], value: &str) -> Hash {
    Sha256::new().chain_update(salt).chain_update(value).finalize().into()
}

fn decode_hash(digits: &str) -> Option<Hash> {
    hex::decode(digits).ok()?.try_into().ok()
}
