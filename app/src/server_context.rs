//! The values that the server provides to pages and server functions through Leptos' context.

use std::{collections::HashMap, sync::Arc};

use domain::Problem;
use engine::{Engine, access::Principal};
use leptos::prelude::*;

use crate::{Failure, response};

/// The engine and the settings of the installation.
#[derive(Debug, Clone)]
pub struct Console {
    /// The engine.
    pub engine: Engine,
    /// The scheme and host of URLs, such as `https://console.example.com`, without a trailing slash.
    pub origin: Arc<str>,
    /// The name of the installation, such as `Production`.
    pub environment: Arc<str>,
    /// The URLs of the site's files.
    pub assets: Assets,
}

/// The URLs of the site's files.
#[derive(Debug, Clone)]
pub struct Assets {
    /// The path of the script.
    pub js: Arc<str>,
    /// The path of the WebAssembly module.
    pub wasm: Arc<str>,
    /// The path of the style sheet.
    pub css: Arc<str>,
    /// The file name, in `/pkg`, of the script that loads chunks.
    pub loader: Arc<str>,
    /// The chunks that each lazy route needs: file names in `/pkg` without `.wasm`.
    pub chunks: Arc<HashMap<String, Vec<String>>>,
}

/// The signed-in person, read from the database at the start of the request.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<Principal>);

/// The client's address, for throttling.
#[derive(Debug, Clone)]
pub struct ClientAddress(pub String);

/// Returns the engine and the settings of the installation.
///
/// # Errors
/// `PROVISIONING_FAILED` outside a request, which is a bug.
pub(crate) fn console() -> Result<Console, Failure> {
    use_context().ok_or_else(|| domain::ErrorCode::ProvisioningFailed.into())
}

/// Returns the signed-in person.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub(crate) fn principal() -> Result<Principal, Failure> {
    let visitor: Option<Visitor> = use_context();
    visitor
        .and_then(|Visitor(principal)| principal)
        .ok_or_else(|| refuse(domain::ErrorCode::Unauthenticated.into()))
}

/// Returns the signed-in person, if their role may provision tenants.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`.
pub(crate) fn provisioner() -> Result<Principal, Failure> {
    let principal = principal()?;
    principal.require_provisioning().map_err(fail)?;
    Ok(principal)
}

/// Converts an engine error to a failure without internal details, and sets the response's status.
pub(crate) fn fail(error: engine::Error) -> Failure {
    refuse(error.report())
}

/// Converts a problem to a failure, and sets the response's status and `Retry-After`.
pub(crate) fn refuse(problem: Problem) -> Failure {
    response::set_problem(&problem);
    Failure::from(problem)
}
