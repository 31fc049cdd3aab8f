use domain::availability::{EmailAvailability, SlugAvailability};
use leptos::prelude::*;

use crate::{Failure, codec::Json};

/// Checks whether a slug is available. If it is taken, returns suggestions, which also depend on the
/// organisation's `name`.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `INVALID_SLUG`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "check_slug", input = Json, output = Json)]
pub async fn check_slug(slug: String, name: String) -> Result<SlugAvailability, Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_invalid_field, signed_in_admin};
    signed_in_admin()?;
    let slug = domain::provisioning::NewTenant::parse_slug(&slug).map_err(respond_with_invalid_field)?;
    engine::provisioning::check_slug(&console()?.engine, &slug, Some(&name)).await.map_err(respond_with_error)
}

/// Checks whether an e-mail is available for a new owner.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `EMAIL_VALIDATION_FAILED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "check_email", input = Json, output = Json)]
pub async fn check_email(email: String) -> Result<EmailAvailability, Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_invalid_field, signed_in_admin};
    signed_in_admin()?;
    let email = domain::provisioning::NewTenant::parse_email(&email, engine::access::idn_to_ascii)
        .map_err(respond_with_invalid_field)?;
    engine::provisioning::check_email(&console()?.engine, &email).await.map_err(respond_with_error)
}
