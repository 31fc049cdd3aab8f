use domain::{availability::SlugAvailability, slug::Slug};

use crate::{Engine, Error, access::begin_attempt, provisioning::check_slug};

/// Returns whether a slug is available for a sign-up, and alternatives if it is not. Does not tell who has
/// it. `name` is the name of the organisation, which improves the alternatives, and `address` the network
/// address of the client.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` while nobody can sign up; `RATE_LIMITED`; the database's error.
pub async fn check_sign_up_slug(
    engine: &Engine,
    slug: &Slug,
    name: Option<&str>,
    address: &str,
) -> Result<SlugAvailability, Error> {
    let limits = engine.require_sign_up()?.limits;
    begin_attempt(engine, &limits.slug_checks, address, address).await?;
    check_without_conflict(engine, slug, name).await
}

/// Like [`check_sign_up_slug`], without the limit.
pub(super) async fn check_without_conflict(
    engine: &Engine,
    slug: &Slug,
    name: Option<&str>,
) -> Result<SlugAvailability, Error> {
    let found = check_slug(engine, slug, name).await?;
    let suggestions = if found.available { Vec::new() } else { found.suggestions };
    Ok(SlugAvailability { available: found.available, conflict: None, earlier_tenant: None, suggestions })
}
