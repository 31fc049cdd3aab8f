//! Sign-up: the calls that need no credential. While nobody can sign up, each of them responds with 404.

pub(super) mod request;
pub(super) mod slug;
pub(super) mod verify;

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::ErrorCode;
use engine::Engine;
use std::convert::Infallible;

use crate::{
    console::ClientAddress,
    http::{authentication, error::ApiError, state::ServerState},
};

/// A client without a credential.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// The network address.
    pub address: String,
}

impl FromRequestParts<ServerState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, server: &ServerState) -> Result<Self, Infallible> {
        let ClientAddress(address) =
            authentication::client_address(server, &parts.headers, &parts.extensions);
        Ok(Self { address })
    }
}

/// Checks that people can sign up, before the body is read. All calls then respond alike.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`.
fn require_open(engine: &Engine) -> Result<(), ApiError> {
    if engine.sign_up().mode.is_open() { Ok(()) } else { Err(ErrorCode::ResourceNotFound.into()) }
}
