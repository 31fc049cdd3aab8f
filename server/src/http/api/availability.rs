use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::{
    Problem,
    email::Email,
    error::{Conflict, EmailReason},
    provisioning::NewTenant,
    slug::Slug,
};
use engine::{
    Engine,
    access::idn_to_ascii,
    provisioning::{check_email, check_slug},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{examples, query_parameters::invalid_query};
use crate::http::{authentication::SignedInAdmin, error::ApiError};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct SlugQuery {
    /// The slug to check.
    #[param(value_type = Slug, required = true, example = "golden-spoon")]
    pub slug: String,
    /// The organisation's name, which improves the suggestions.
    #[param(example = "Golden Spoon")]
    pub name: Option<String>,
}

/// Whether a new tenant can use a slug.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlugResponse {
    slug: Slug,
    available: bool,
    /// `taken` if the slug is not available.
    reason: Option<&'static str>,
    /// The tenant that uses the slug.
    conflict: Option<Conflict>,
    /// The name of the tenant of the earlier system that uses the slug, if no tenant of Tenantry uses it.
    earlier_tenant: Option<String>,
    /// Available slugs, best first, if the slug is not available.
    suggestions: Vec<Slug>,
}

/// Check whether a slug is available
#[utoipa::path(
    get,
    path = "/availability/slug",
    operation_id = "checkSlug",
    tag = "Availability",
    params(SlugQuery),
    responses((
        status = 200,
        description = "Whether a new tenant can use the slug.",
        body = SlugResponse,
        example = json!(examples::slug_availability()),
    )),
)]
pub(crate) async fn slug(
    State(engine): State<Engine>,
    _: SignedInAdmin,
    query: Result<Query<SlugQuery>, QueryRejection>,
) -> Result<Json<SlugResponse>, ApiError> {
    let Query(query) = query.map_err(|_| invalid_query())?;
    let slug = NewTenant::parse_slug(&query.slug).map_err(ApiError::from_field)?;
    let found = check_slug(&engine, &slug, query.name.as_deref()).await?;
    let reason = (!found.available).then_some("taken");
    let suggestions = if found.available { Vec::new() } else { found.suggestions };
    Ok(Json(SlugResponse {
        slug,
        available: found.available,
        reason,
        conflict: found.conflict,
        earlier_tenant: found.earlier_tenant,
        suggestions,
    }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct EmailQuery {
    /// The e-mail address to check.
    #[param(value_type = Email, required = true, example = "mara@goldenspoon.example")]
    email: String,
}

/// Whether a new owner can use an e-mail address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailResponse {
    email: String,
    available: bool,
    /// Why the address is not available.
    reason: Option<EmailReason>,
    /// The tenant whose owner has the address.
    conflict: Option<Conflict>,
}

/// Check whether an owner can use an e-mail address
#[utoipa::path(
    get,
    path = "/availability/email",
    operation_id = "checkEmail",
    tag = "Availability",
    params(EmailQuery),
    responses((
        status = 200,
        description = "Whether a new owner can use the address.",
        body = EmailResponse,
        example = json!(examples::email_availability()),
    )),
)]
pub(crate) async fn email(
    State(engine): State<Engine>,
    _: SignedInAdmin,
    query: Result<Query<EmailQuery>, QueryRejection>,
) -> Result<Json<EmailResponse>, ApiError> {
    let Query(query) = query.map_err(|_| invalid_query())?;
    let email = NewTenant::parse_email(&query.email, idn_to_ascii)
        .map_err(|problem| Problem::from_fields(vec![problem]))?;
    let found = check_email(&engine, &email).await?;
    let email = email.address().to_owned();
    Ok(Json(EmailResponse {
        email,
        available: found.available,
        reason: found.reason,
        conflict: found.conflict,
    }))
}
