//! A call to a fake service, and the response to it.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::fault::{CallKind, Endpoint};

/// A parsed call.
#[derive(Debug, Clone)]
pub(super) struct IncomingCall {
    pub(super) endpoint: Endpoint,
    pub(super) kind: CallKind,
    pub(super) method: Method,
    pub(super) path: String,
    /// The path with placeholders for its variable parts.
    pub(super) template: &'static str,
    /// The variable parts.
    pub(super) keys: Vec<String>,
    /// The bearer token.
    pub(super) token: Option<String>,
    pub(super) body: Value,
}

/// The response to a call.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }

    pub(super) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// An error with the body that Odoo's JSON-2 API has for this status.
    pub(super) fn error(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or_default();
        let name = format!("werkzeug.exceptions.{}", reason.replace(' ', ""));
        Self::new(status, json!({ "name": name, "message": reason }))
    }
}

impl IncomingCall {
    pub(super) fn key(&self, at: usize) -> &str {
        self.keys.get(at).map_or("", String::as_str)
    }

    pub(super) fn has_token(&self, token: &str) -> bool {
        self.token.as_deref() == Some(token)
    }
}
