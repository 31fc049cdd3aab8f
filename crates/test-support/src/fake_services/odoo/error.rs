//! Odoo's exceptions.

use hyper::StatusCode;

/// An exception of Odoo.
#[derive(Debug)]
pub(super) struct OdooError {
    /// The HTTP status of a JSON-2 response.
    pub(super) status: StatusCode,
    /// Such as `odoo.exceptions.AccessDenied`.
    pub(super) name: &'static str,
    pub(super) message: String,
}

impl OdooError {
    pub(super) fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Self {
        Self { status, name, message: message.into() }
    }

    pub(super) fn access_denied() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "odoo.exceptions.AccessDenied", "Access Denied")
    }

    pub(super) fn not_found(subject: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "werkzeug.exceptions.NotFound", format!("{subject} does not exist"))
    }

    pub(super) fn value(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "builtins.ValueError", message)
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "odoo.exceptions.ValidationError", message)
    }
}
