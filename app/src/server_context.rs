//! What the server hands to pages and server functions through Leptos' context.

use std::{collections::HashMap, sync::Arc};

use domain::{Problem, provisioning::Draft};
use engine::{Engine, access::Principal};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::{Failure, server_fns::Made};

/// The installation as the pages know it.
#[derive(Debug, Clone)]
pub struct Console {
    pub engine: Engine,
    /// What addresses start with, such as `https://console.example.com`; no slash at the end.
    pub origin: Arc<str>,
    /// What the installation calls itself, such as `Production`.
    pub environment: Arc<str>,
    pub assets: Assets,
}

/// The addresses of the built site's files.
#[derive(Debug, Clone)]
pub struct Assets {
    pub js: Arc<str>,
    pub wasm: Arc<str>,
    pub css: Arc<str>,
    /// The name, in `/pkg`, of the script that loads chunks.
    pub loader: Arc<str>,
    /// The chunks that each lazy route needs: names in `/pkg` without `.wasm`.
    pub chunks: Arc<HashMap<String, Vec<String>>>,
}

/// Who is signed in, as the database said at the start of this request.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<Principal>);

/// Where the request came from, for throttling.
#[derive(Debug, Clone)]
pub struct ClientAddress(pub String);

/// What a plain form post ended with; the page at the same address shows it.
#[derive(Debug, Clone)]
pub enum FormResult {
    Login {
        email: String,
        next: String,
        problem: Problem,
    },
    Setup {
        name: String,
        email: String,
        problem: Problem,
    },
    /// No problem: the invitation was accepted.
    Invitation {
        problem: Option<Problem>,
    },
    Provision {
        draft: Box<Draft>,
        key: String,
        result: Result<Box<Made>, Box<Problem>>,
    },
}

/// The installation.
///
/// # Errors
/// Outside a request, which is a fault of the program.
pub(crate) fn console() -> Result<Console, Failure> {
    use_context().ok_or_else(|| domain::ErrorCode::ProvisioningFailed.into())
}

/// Whoever is signed in.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub(crate) fn principal() -> Result<Principal, Failure> {
    let visitor: Option<Visitor> = use_context();
    visitor
        .and_then(|Visitor(principal)| principal)
        .ok_or_else(|| refuse(domain::ErrorCode::Unauthenticated.into()))
}

/// Whoever is signed in and may make tenants.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`.
pub(crate) fn provisioner() -> Result<Principal, Failure> {
    let principal = principal()?;
    principal.require_provisioning().map_err(fail)?;
    Ok(principal)
}

/// Turns the engine's error into what may leave the server, and sets the response's status.
pub(crate) fn fail(error: engine::Error) -> Failure {
    refuse(error.report())
}

/// Sets the response's status and `Retry-After` to the problem's.
pub(crate) fn refuse(problem: Problem) -> Failure {
    set_status(problem.code.entry().status);
    if let (Some(response), Some(seconds)) = (use_context::<ResponseOptions>(), problem.retry_after_seconds())
    {
        response.insert_header(http::header::RETRY_AFTER, seconds.into());
    }
    Failure::from(problem)
}

/// Sets the status of the response that is being made.
pub(crate) fn set_status(status: u16) {
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
}
