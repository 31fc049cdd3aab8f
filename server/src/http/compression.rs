//! Compression of pages and JSON on the fly. The site's files are compressed when the site is built.
//!
//! Compressed responses can leak a secret by their length if an attacker's text is in the same response
//! (BREACH). Therefore only responses to `GET` are compressed, and none of them contains a secret that stays
//! the same from one response to the next:
//! - API keys and invitation links appear once, in the response to a `POST`.
//! - The nonce of a page and the idempotency key of a form are new in each response.
//! - The session's token is in no body.
//!
//! Other sites cannot send a `POST`; see [`super::csrf`].

use axum::{
    extract::Request,
    http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::Response,
};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{And, Predicate, SizeAbove},
    },
};

/// Responses up to this size are not compressed, because they fit into one network packet.
const MIN_BYTES: u64 = 1024;
/// The compression level of brotli and gzip. Compressing a page takes about a millisecond.
const LEVEL: CompressionLevel = CompressionLevel::Precise(4);

/// Marks the response to a request that only reads.
#[derive(Debug, Clone, Copy)]
struct ReadOnly;

/// A function that decides from the parts of a response whether to compress it.
type IsCompressible = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Compresses the responses that [`allow_for_get`] allows, if they are HTML or JSON. Event streams, CSV
/// exports, scripts and style sheets have other content types and are not compressed here.
pub(super) fn layer() -> CompressionLayer<And<SizeAbove, IsCompressible>> {
    let is_compressible: IsCompressible = |_, _, headers, extensions| {
        extensions.get::<ReadOnly>().is_some()
            && headers.get(header::CONTENT_TYPE).is_some_and(is_html_or_json)
    };
    CompressionLayer::new().quality(LEVEL).compress_when(SizeAbove::new(MIN_BYTES).and(is_compressible))
}

/// Allows compression of the responses to `GET`.
pub(super) async fn allow_for_get(request: Request, next: Next) -> Response {
    let is_get = request.method() == Method::GET;
    let mut response = next.run(request).await;
    if is_get {
        response.extensions_mut().insert(ReadOnly);
    }
    response
}

fn is_html_or_json(content_type: &HeaderValue) -> bool {
    let media_type = content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    matches!(media_type.trim(), "text/html" | "application/json" | "application/problem+json")
}
