use std::{any::Any, borrow::Cow};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, FieldProblem, Problem, access::MAX_EVENT_STREAMS, import::MAX_ARCHIVE};
use uuid::Uuid;

/// An error response, sent as `application/problem+json` (`docs/specification.md`, section 5).
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub problem: Box<Problem>,
    /// A status and a detail that are more specific than those of the error table.
    specific: Option<(StatusCode, Cow<'static, str>)>,
}

impl ApiError {
    fn with_status(code: ErrorCode, status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { problem: Box::new(code.into()), specific: Some((status, detail.into())) }
    }

    pub(crate) fn not_found() -> Self {
        ErrorCode::ResourceNotFound.into()
    }

    pub(crate) fn method_not_allowed() -> Self {
        let detail = "This address does not support this HTTP method.";
        Self::with_status(ErrorCode::ResourceNotFound, StatusCode::METHOD_NOT_ALLOWED, detail)
    }

    pub(crate) fn body_too_large() -> Self {
        let detail = "The request body is larger than the limit of 64 KiB. Send a smaller one.";
        Self::with_status(ErrorCode::ValidationError, StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub(crate) fn upload_too_large() -> Self {
        let detail =
            format!("The upload is larger than the limit of {} MiB. Split it.", MAX_ARCHIVE / 1024 / 1024);
        Self::with_status(ErrorCode::ValidationError, StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub(crate) fn body_incomplete() -> Self {
        Self::with_status(
            ErrorCode::ValidationError,
            StatusCode::BAD_REQUEST,
            "The request body is incomplete. Send the request again.",
        )
    }

    pub(crate) fn content_encoding() -> Self {
        let detail =
            "Send the request body without compression. The only accepted Content-Encoding is identity.";
        Self::with_status(ErrorCode::ValidationError, StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// `expected` is a sentence that names the supported content type.
    pub(crate) fn content_type(expected: &'static str) -> Self {
        let problem = Problem::from_fields(vec![FieldProblem::new("", "content_type", expected)]);
        Self {
            problem: problem.into(),
            specific: Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, expected.into())),
        }
    }

    pub(crate) fn cross_site_request() -> Self {
        let detail = "This request came from another website and was refused. Open the page on this site and try again.";
        Self::with_status(ErrorCode::Forbidden, StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn too_many_streams() -> Self {
        let detail = format!(
            "You already have {MAX_EVENT_STREAMS} open event streams, which is the maximum. \
             Close one, or poll the request instead."
        );
        Self::with_status(ErrorCode::RateLimited, StatusCode::TOO_MANY_REQUESTS, detail)
    }

    /// An error in one field of the request.
    pub(crate) fn from_field(problem: FieldProblem) -> Self {
        Problem::from_fields(vec![problem]).into()
    }

    /// An error for a status that a library returned without a body.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::method_not_allowed(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::body_too_large(),
            status if status.is_client_error() => Self::with_status(
                ErrorCode::ValidationError,
                status,
                "The request is not valid. Check it against the API documentation.",
            ),
            _ => ErrorCode::ProvisioningFailed.into(),
        }
    }

    /// Adds the ID of the recorded provisioning request.
    pub(crate) fn with_request_id(mut self, request_id: Option<Uuid>) -> Self {
        self.problem.request_id = request_id;
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.specific.as_ref().map_or_else(|| status_of(self.problem.code), |(status, _)| *status)
    }

    pub(crate) fn detail(&self) -> String {
        self.specific.as_ref().map_or_else(|| self.problem.detail(), |(_, detail)| detail.to_string())
    }
}

/// The HTTP status of an error code.
pub(crate) fn status_of(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), specific: None }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Problem::from(code).into()
    }
}

/// Converts an error of the engine, and logs it if it is internal.
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
        // `problem_page` uses the error to render a page.
        response.extensions_mut().insert(self);
        response
    }
}

/// The response to a request whose handler panicked. Only the log contains the cause.
pub(crate) fn from_panic(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no message");
    unexpected(text).into_response()
}

/// Logs an unexpected error and returns a response with the reference of the log entry.
pub(crate) fn unexpected(cause: &str) -> ApiError {
    let reference = Uuid::new_v4();
    tracing::error!(%reference, cause, "a request failed");
    Problem { reference: Some(reference), ..ErrorCode::ProvisioningFailed.into() }.into()
}
