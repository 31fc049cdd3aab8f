//! The fingerprint of a request's payload. It shows whether a repeated idempotency key comes with the same
//! payload (`docs/specification.md`, section 4).

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// The block size of SHA-256 in bytes, and therefore the key size of HMAC-SHA-256.
const BLOCK_SIZE: usize = 64;

/// HMAC-SHA-256 of the payload's canonical form. The canonical form ignores the order of object keys,
/// whitespace and the spelling of numbers (`1` or `1.0`).
pub fn fingerprint(secret: &[u8], payload: &Value) -> [u8; 32] {
    let mut canonical = String::new();
    write_canonical(payload, &mut canonical);
    let mut mac = Hmac::<Sha256>::new(&block_key(secret).into());
    mac.update(canonical.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The secret as an HMAC key (RFC 2104): hashed if it is longer than a block, then padded with zeros.
fn block_key(secret: &[u8]) -> [u8; BLOCK_SIZE] {
    let mut key = [0; BLOCK_SIZE];
    if secret.len() > BLOCK_SIZE {
        key[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        key[..secret.len()].copy_from_slice(secret);
    }
    key
}

/// Appends `value` without whitespace and with sorted object keys.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => out.push_str(&canonical_number(number)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                write_separator(index, out);
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            // Sorts the members, because `serde_json::Map` is sorted only without the feature
            // `preserve_order`.
            let sorted: BTreeMap<_, _> = members.iter().collect();
            out.push('{');
            for (index, (key, member)) in sorted.into_iter().enumerate() {
                write_separator(index, out);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(member, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
}

/// Appends the comma before an item, unless the item is the first.
fn write_separator(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

/// The decimal digits of a number. Minus zero becomes zero.
fn canonical_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => (float + 0.0).to_string(),
        _ => number.to_string(),
    }
}
