use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, idempotency_key::IdempotencyKey};
use serde::Serialize;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const REPLAYED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));

/// The key in the request's header. More than one key is invalid.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<IdempotencyKey, ErrorCode> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).into_iter();
    match (values.next(), values.next()) {
        (None, _) => Err(ErrorCode::IdempotencyKeyMissing),
        (Some(value), None) => Ok(IdempotencyKey::parse(value.to_str().unwrap_or("?"))?),
        _ => Err(ErrorCode::IdempotencyKeyInvalid),
    }
}

/// The header `Idempotent-Replayed` of a response that repeats the outcome of an earlier call.
pub(super) fn replayed(is_replay: bool) -> Option<[(HeaderName, HeaderValue); 1]> {
    is_replay.then_some([REPLAYED])
}

/// A response with the status 201. A replay also has the header `Idempotent-Replayed`.
pub(super) fn created(body: impl Serialize, is_replay: bool) -> Response {
    (StatusCode::CREATED, replayed(is_replay), Json(body)).into_response()
}
