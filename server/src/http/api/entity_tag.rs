//! The headers `ETag` and `If-Match`, with which calls do not overwrite each other's changes.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::tenants::{Precondition, Tagged};
use serde::Serialize;

/// Reads `If-Match`. An empty header names no version, and a value that is not ASCII matches none. Some
/// proxies that compress responses mark the tags as weak; the mark is ignored.
pub(super) fn precondition(headers: &HeaderMap) -> Precondition {
    let lines = headers.get_all(header::IF_MATCH).into_iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().unwrap_or("?")).collect();
    if lines.iter().all(|line| line.trim().is_empty()) {
        return Precondition::Missing;
    }
    let tags: Vec<_> = lines.iter().flat_map(|line| line.split(',')).map(str::trim).collect();
    match tags.contains(&"*") {
        true => Precondition::Any,
        false => Precondition::OneOf(
            tags.into_iter().map(|tag| tag.strip_prefix("W/").unwrap_or(tag).to_owned()).collect(),
        ),
    }
}

/// A response with a resource and its tag.
pub(super) fn tagged<T: Serialize>(status: StatusCode, resource: Tagged<T>) -> Response {
    (status, [(header::ETAG, resource.etag)], Json(resource.value)).into_response()
}

/// A response with a resource that a call created or replaced.
pub(super) fn replaced<T: Serialize>(resource: Tagged<T>, is_new: bool) -> Response {
    tagged(if is_new { StatusCode::CREATED } else { StatusCode::OK }, resource)
}

/// A response with a tenant and the tag of its version.
pub(super) fn versioned(tenant: impl Serialize, version: u32) -> Response {
    tagged(StatusCode::OK, Tagged { value: tenant, etag: format!("\"{version}\"") })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(lines: &[&'static str]) -> Precondition {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, HeaderValue::from_static(line));
        }
        precondition(&headers)
    }

    #[test]
    fn if_match_is_a_list_of_tags_or_a_star() {
        let tags = |tags: &[&str]| Precondition::OneOf(tags.iter().map(ToString::to_string).collect());
        assert_eq!(read(&[]), Precondition::Missing);
        assert_eq!(read(&["*"]), Precondition::Any);
        assert_eq!(read(&["\"a\", W/\"b\"", "\"c\""]), tags(&["\"a\"", "\"b\"", "\"c\""]));
        assert_eq!(read(&[""]), Precondition::Missing);
        let mut headers = HeaderMap::new();
        headers.append(header::IF_MATCH, HeaderValue::from_bytes(b"\xc2\x84").unwrap());
        assert_eq!(precondition(&headers), tags(&["?"]));
    }
}
