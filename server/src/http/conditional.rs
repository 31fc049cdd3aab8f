//! Conditional requests (RFC 9110).

use axum::http::{HeaderMap, header};

/// Whether the client already has the version with this entity tag: `If-None-Match` lists the tag or is `*`.
pub(super) fn is_known(headers: &HeaderMap, entity_tag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let mut tags = value.to_str().into_iter().flat_map(|tags| tags.split(',')).map(str::trim);
        tags.any(|tag| tag == entity_tag || tag == "*")
    })
}
