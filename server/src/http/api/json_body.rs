use axum::{
    body::{HttpBody, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use domain::FieldProblem;
use serde_json::Value;

use crate::http::{error::ApiError, limits::MAX_BODY};

/// The byte-order mark in UTF-8, with which some programs begin a text.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A JSON body of any structure, as [`read`] parses it.
#[derive(Debug)]
pub(crate) struct JsonBody(pub Value);

/// A JSON body that may be missing, as [`read_optional`] parses it.
#[derive(Debug)]
pub(crate) struct OptionalJsonBody(pub Option<Value>);

impl<S: Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(request).await.map(Self)
    }
}

impl<S: Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read_optional(request).await.map(Self)
    }
}

/// Parses a JSON body of any structure. Ignores a byte-order mark at its beginning.
///
/// # Errors
/// 415 for another content type; `VALIDATION_ERROR` with line and column for invalid JSON.
pub(crate) async fn read(request: Request) -> Result<Value, ApiError> {
    if !is_json(request.headers()) {
        return Err(ApiError::content_type("Send the body as application/json."));
    }
    let bytes = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| ApiError::body_too_large())?;
    serde_json::from_slice(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes)).map_err(|error| {
        let message = format!(
            "The request body is not valid JSON. Check line {}, column {}.",
            error.line(),
            error.column()
        );
        ApiError::from_field(FieldProblem::new("", "json", &message))
    })
}

/// Parses a JSON body as [`read`] does. Returns `None` for a request without a content type and without a
/// body.
///
/// # Errors
/// Same as [`read`].
pub(crate) async fn read_optional(request: Request) -> Result<Option<Value>, ApiError> {
    let is_empty = request.body().is_end_stream() && !request.headers().contains_key(header::CONTENT_TYPE);
    if is_empty { Ok(None) } else { read(request).await.map(Some) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
