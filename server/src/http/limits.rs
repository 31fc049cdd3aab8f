//! How much and how long: the body of a request, and the time until its answer.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::ErrorCode;
use http_body_util::BodyExt;

use super::error::ApiError;

/// The largest body that is taken, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// How much of a body that is too large is read and dropped, so that its sender gets to read
/// the answer instead of a broken connection.
const MAX_DROPPED: usize = 8 * 1024 * 1024;

/// How long an answer may take to begin; every statement has its own, shorter limit.
const MAX_TIME: Duration = Duration::from_secs(30);

/// Reads the whole body before anything else looks at the request.
pub async fn body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match read(body).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => error.into_response(),
    }
}

async fn read(mut body: Body) -> Result<Bytes, ApiError> {
    let (mut kept, mut total) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| ApiError::body_incomplete())?.into_data() else { continue };
        total += data.len();
        if total > MAX_DROPPED {
            break;
        }
        if total <= MAX_BODY {
            kept.extend_from_slice(&data);
        }
    }
    if total > MAX_BODY { Err(ApiError::body_too_large()) } else { Ok(kept.into()) }
}

/// Gives up on an answer that does not come. What was spawned for it goes on.
pub async fn time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(MAX_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::from(ErrorCode::Timeout).into_response(),
    }
}
