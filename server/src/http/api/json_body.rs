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

/// Parses a JSON body as [`read`] does. Returns `None` for a request without a body. Some clients send the content
/// type of JSON also then.
///
/// # Errors
/// Same as [`read`].
pub(crate) async fn read_optional(request: Request) -> Result<Option<Value>, ApiError> {
    let has_other_type = request.headers().contains_key(header::CONTENT_TYPE) && !is_json(request.headers());
    match request.body().is_end_stream() && !has_other_type {
        true => Ok(None),
        false => read(request).await.map(Some),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn an_optional_body_can_be_missing_with_and_without_a_content_type() {
        let read = async |content_type: Option<&str>, body: &'static str| {
            let mut request = Request::new(Body::from(body));
            if let Some(value) = content_type {
                request.headers_mut().insert(header::CONTENT_TYPE, value.parse().unwrap());
            }
            read_optional(request).await.map_err(|error| error.problem.errors[0].rule.clone())
        };
        let json = Some("application/json");
        assert_eq!(read(None, "").await, Ok(None));
        assert_eq!(read(json, "").await, Ok(None));
        assert_eq!(read(json, "{}").await, Ok(Some(serde_json::json!({}))));
        assert_eq!(read(json, " ").await, Err("json".into()));
        for (content_type, body) in [(None, "{}"), (Some("text/plain"), "")] {
            assert_eq!(read(content_type, body).await, Err("content_type".into()), "{body}");
        }
    }
}
