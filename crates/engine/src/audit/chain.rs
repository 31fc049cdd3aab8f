//! The hashes of the chain. Their input is described in `docs/AUDIT.md`, so that others can compute them.

use sha2::{Digest, Sha256};

use super::{
    entry::StoredEntry,
    leaves::{Hash, LeafHash},
};

/// The chain hash before the first position.
pub(super) const GENESIS: Hash = [0; 32];

/// The hash of the content of an entry: its columns, and the salted hashes of its values. The ID is not part of
/// the content, so that the verification recognises an entry that was moved.
pub(super) fn entry_hash(entry: &StoredEntry, leaves: &[LeafHash]) -> Hash {
    let leaves: Vec<_> = leaves.iter().map(|leaf| (&leaf.path, hex::encode(leaf.hash))).collect();
    let content = serde_json::json!([
        entry.at_us,
        entry.actor_id,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.request_id,
        entry.before.is_some(),
        entry.after.is_some(),
        leaves,
    ]);
    Sha256::digest(content.to_string()).into()
}

/// The hash of a position of the chain.
pub(super) fn chain_hash(previous: &Hash, position: i64, entry_id: i64, entry_hash: &Hash) -> Hash {
    Sha256::new()
        .chain_update(previous)
        .chain_update(position.to_be_bytes())
        .chain_update(entry_id.to_be_bytes())
        .chain_update(entry_hash)
        .finalize()
        .into()
}
