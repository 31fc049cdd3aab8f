use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::{
    Problem,
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

use super::requests::invalid_query;
use crate::http::{authentication::SignedInAdmin, error::ApiError};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SlugQuery {
    slug: String,
    /// The organisation's name, which improves the suggestions.
    name: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SlugResponse {
    slug: Slug,
    available: bool,
    reason: Option<&'static str>,
    conflict: Option<Conflict>,
    suggestions: Vec<Slug>,
}

/// `GET /availability/slug?slug=…`
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
    Ok(Json(SlugResponse { slug, available: found.available, reason, conflict: found.conflict, suggestions }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EmailQuery {
    email: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct EmailResponse {
    email: String,
    available: bool,
    reason: Option<EmailReason>,
    conflict: Option<Conflict>,
}

/// `GET /availability/email?email=…`
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
