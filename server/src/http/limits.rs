//! Limits for the size and the coding of request bodies, and for the time until a response.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, paths};
use http_body_util::BodyExt;

use super::error::ApiError;

/// The maximum size of a request body in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// How many bytes of a larger body are read and discarded, so that the client can read the response
/// instead of getting a broken connection.
const MAX_DISCARDED: usize = 8 * 1024 * 1024;

/// The maximum time until a response begins. Every SQL statement has a shorter limit.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The same for an upload: 16 MiB at a quarter of a megabit per second.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// Reads the whole body before the request is handled. Refuses a body above [`MAX_BODY`], and a compressed
/// one, whose real size is not known. The handler of an upload reads its body itself, after it has identified
/// the sender, with [`read_upload`].
pub(crate) async fn limit_body(request: Request, next: Next) -> Response {
    if paths::is_upload(request.uri().path()) && !is_compressed(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match read_body(body).await {
        Ok(bytes) if !bytes.is_empty() && is_compressed(&parts.headers) => {
            ([(header::ACCEPT_ENCODING, "identity")], ApiError::content_encoding()).into_response()
        }
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => error.into_response(),
    }
}

/// Whether the body has a coding other than `identity`.
fn is_compressed(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::CONTENT_ENCODING);
    let is_identity =
        |coding: &str| coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    !codings.into_iter().all(|value| value.to_str().is_ok_and(|codings| codings.split(',').all(is_identity)))
}

/// Reads the body of an upload.
///
/// # Errors
/// If the body is larger than `max` bytes or incomplete.
pub(crate) async fn read_upload(body: Body, max: usize) -> Result<Bytes, ApiError> {
    read_up_to(body, max, max + MAX_DISCARDED, ApiError::upload_too_large).await
}

async fn read_body(body: Body) -> Result<Bytes, ApiError> {
    read_up_to(body, MAX_BODY, MAX_DISCARDED, ApiError::body_too_large).await
}

/// Reads a body of at most `max` bytes. Of a larger body, reads at most `max_read` bytes.
async fn read_up_to(
    mut body: Body,
    max: usize,
    max_read: usize,
    too_large: fn() -> ApiError,
) -> Result<Bytes, ApiError> {
    // Without the announced size, the buffer would grow by copies.
    let announced = usize::try_from(body.size_hint().exact().unwrap_or_default()).unwrap_or(usize::MAX);
    let (mut kept, mut total) = (Vec::with_capacity(announced.min(max)), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| ApiError::body_incomplete())?.into_data() else { continue };
        total += data.len();
        if total > max_read {
            break;
        }
        if total <= max {
            kept.extend_from_slice(&data);
        }
    }
    if total > max { Err(too_large()) } else { Ok(kept.into()) }
}

/// Responds with `TIMEOUT` when the handler takes too long. Tasks that the handler spawned continue.
pub(crate) async fn limit_time(request: Request, next: Next) -> Response {
    let limit = time_limit(request.method(), request.uri().path());
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::from(ErrorCode::Timeout).into_response(),
    }
}

fn time_limit(method: &Method, path: &str) -> Duration {
    if method == Method::POST && paths::is_upload(path) { UPLOAD_TIMEOUT } else { REQUEST_TIMEOUT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uploads_may_take_minutes() {
        assert_eq!(time_limit(&Method::POST, paths::IMPORT), UPLOAD_TIMEOUT);
        assert_eq!(time_limit(&Method::POST, "/api/v1/admin/imports"), UPLOAD_TIMEOUT);
        assert_eq!(time_limit(&Method::GET, paths::IMPORT), REQUEST_TIMEOUT);
        assert_eq!(time_limit(&Method::POST, "/api/v1/admin/tenants"), REQUEST_TIMEOUT);
    }
}
