use domain::availability::SlugAvailability;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Failure, codec::Json};

/// What the link of a sign-up leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpenedSignUp {
    /// Nobody can sign up.
    Closed,
    /// The person can choose a password.
    Open(Box<SignUpToComplete>),
    /// The address has an account with a password.
    HasAccount,
}

/// A sign-up whose address is verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUpToComplete {
    /// The name of the organisation.
    pub company: String,
    /// The name of the person.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The slug. Empty if the person must choose one.
    pub slug: String,
    /// Whether the slug is available.
    pub availability: Option<SlugAvailability>,
    /// Whether an admin approves the tenant.
    pub needs_approval: bool,
}

/// Checks whether a slug is available for a sign-up, without telling who has it. Needs no session.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` while nobody can sign up; `INVALID_SLUG`, `RATE_LIMITED`, or an error of the
/// database.
#[server(prefix = "/api/fn", endpoint = "check_sign_up_slug", input = Json, output = Json)]
pub async fn check_sign_up_slug(slug: String, name: String) -> Result<SlugAvailability, Failure> {
    use crate::server_context::{client_address, console, respond_with_error, respond_with_invalid_field};
    let slug = domain::provisioning::NewTenant::parse_slug(&slug).map_err(respond_with_invalid_field)?;
    let engine = console()?.engine;
    engine::sign_up::check_sign_up_slug(&engine, &slug, Some(&name), &client_address())
        .await
        .map_err(respond_with_error)
}

/// The sign-up with this token. Needs no session, because the token authorises the caller.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a link that is not valid, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "open_sign_up", input = Json, output = Json)]
pub async fn open_sign_up(token: String) -> Result<OpenedSignUp, Failure> {
    use crate::server_context::{console, respond_with_error};
    use domain::sign_up::SignUpMode;
    use engine::sign_up::SignUpLink;

    let engine = console()?.engine;
    let mode = engine.sign_up().mode;
    if !mode.is_open() {
        return Ok(OpenedSignUp::Closed);
    }
    let link = engine::sign_up::find_sign_up(&engine, &token).await.map_err(respond_with_error)?;
    Ok(match link {
        SignUpLink::HasAccount => OpenedSignUp::HasAccount,
        SignUpLink::Open { sign_up, slug } => OpenedSignUp::Open(Box::new(SignUpToComplete {
            company: sign_up.company,
            name: sign_up.name,
            email: sign_up.email,
            slug: sign_up.slug.map(|slug| slug.to_string()).unwrap_or_default(),
            availability: slug,
            needs_approval: mode == SignUpMode::Approval,
        })),
    })
}

/// Creates the tenant of a sign-up. The password is only checked: the form that is posted afterwards sets it,
/// and signs the owner in.
///
/// # Errors
/// Every code of `POST /api/v1/auth/signup/verify`.
#[server(prefix = "/api/fn", endpoint = "create_from_sign_up", input = Json, output = Json)]
pub async fn create_from_sign_up(token: String, password: String, slug: String) -> Result<(), Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_invalid_field};
    let slug = match slug.is_empty() {
        true => None,
        false => {
            Some(domain::provisioning::NewTenant::parse_slug(&slug).map_err(respond_with_invalid_field)?)
        }
    };
    let engine = console()?.engine;
    engine::sign_up::create_from_sign_up(&engine, &token, &password, slug.as_ref())
        .await
        .map_err(respond_with_error)
}
