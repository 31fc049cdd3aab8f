use std::any::Any;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, FieldProblem, Problem};
use uuid::Uuid;

use super::status_of;

/// A refusal or failure on its way out, as `application/problem+json` (SPEC section 5).
#[derive(Debug, Clone)]
pub struct ApiError {
    pub problem: Box<Problem>,
    /// Where HTTP knows better than the table of codes: another status and its sentence.
    special: Option<(StatusCode, &'static str)>,
}

impl ApiError {
    fn special(code: ErrorCode, status: StatusCode, detail: &'static str) -> Self {
        Self { problem: Box::new(code.into()), special: Some((status, detail)) }
    }

    pub fn not_found() -> Self {
        ErrorCode::ResourceNotFound.into()
    }

    pub fn method_not_allowed() -> Self {
        let detail = "This address does not take this method.";
        Self::special(ErrorCode::ResourceNotFound, StatusCode::METHOD_NOT_ALLOWED, detail)
    }

    pub fn body_too_large() -> Self {
        let detail = "The body is larger than 64 KiB. Send less.";
        Self::special(ErrorCode::ValidationError, StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub fn body_incomplete() -> Self {
        Self::special(
            ErrorCode::ValidationError,
            StatusCode::BAD_REQUEST,
            "The body ended before its end. Send it again.",
        )
    }

    /// `wanted` names the content type that is taken, as a sentence.
    pub fn content_type(wanted: &'static str) -> Self {
        let problem = Problem::of_fields(vec![FieldProblem::new("", "content_type", wanted)]);
        Self { problem: problem.into(), special: Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, wanted)) }
    }

    pub fn foreign_request() -> Self {
        let detail =
            "This request came from another site, so it was refused. Open the page here and try again.";
        Self::special(ErrorCode::Forbidden, StatusCode::FORBIDDEN, detail)
    }

    /// What is wrong with one part of the request.
    pub fn of_field(problem: FieldProblem) -> Self {
        Problem::of_fields(vec![problem]).into()
    }

    /// Another status of the same kind, for what a library refused without words of ours.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::method_not_allowed(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::body_too_large(),
            status if status.is_client_error() => Self::special(
                ErrorCode::ValidationError,
                status,
                "The request cannot be understood. Check it against the documentation.",
            ),
            _ => ErrorCode::ProvisioningFailed.into(),
        }
    }

    /// The same, with the request on record that it belongs to.
    pub fn of_request(mut self, request_id: Option<Uuid>) -> Self {
        self.problem.request_id = request_id;
        self
    }

    pub fn status(&self) -> StatusCode {
        self.special.map_or_else(|| status_of(self.problem.code), |(status, _)| status)
    }

    pub fn detail(&self) -> String {
        self.special.map_or_else(|| self.problem.detail(), |(_, detail)| detail.to_owned())
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), special: None }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Problem::from(code).into()
    }
}

/// Logs a fault, once: this is where it leaves the program.
impl From<engine::Error> for ApiError {
    fn from(error: engine::Error) -> Self {
        error.report().into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut json = self.problem.to_json();
        json.status = status.as_u16();
        json.detail = self.detail();
        let mut response = (status, Json(json)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tenantry\""));
        }
        if let Some(seconds) = self.problem.retry_after_seconds() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        // For whoever shows it to people instead.
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer to a request whose handler panicked: the cause goes to the log alone.
pub fn of_panic(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no text");
    unforeseen(text).into_response()
}

/// A fault that nobody foresaw, with a reference into the log.
pub fn unforeseen(cause: &str) -> ApiError {
    let reference = Uuid::new_v4();
    tracing::error!(%reference, cause, "a request failed");
    Problem { reference: Some(reference), ..ErrorCode::ProvisioningFailed.into() }.into()
}
