use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::{provisioning::NewTenant, slug::Slug};
use engine::{Engine, sign_up::check_sign_up_slug};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Visitor, require_open};
use crate::http::{
    api::{availability::SlugQuery, examples, query_parameters::invalid_query},
    error::ApiError,
};

/// Whether a sign-up can use a slug.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignUpSlugResponse {
    slug: Slug,
    available: bool,
    /// Available slugs, best first, if the slug is not available.
    suggestions: Vec<Slug>,
}

/// Check whether a sign-up can use a slug
///
/// Does not tell who has a slug. A network can call this a limited number of times.
#[utoipa::path(
    get,
    path = "/auth/signup/slug",
    operation_id = "checkSignUpSlug",
    tag = "Sign-up",
    security(()),
    params(SlugQuery),
    responses((
        status = 200,
        description = "Whether a sign-up can use the slug.",
        body = SignUpSlugResponse,
        example = json!(examples::sign_up_slug()),
    )),
)]
pub(crate) async fn check(
    State(engine): State<Engine>,
    visitor: Visitor,
    query: Result<Query<SlugQuery>, QueryRejection>,
) -> Result<Json<SignUpSlugResponse>, ApiError> {
    require_open(&engine)?;
    let Query(query) = query.map_err(|_| invalid_query())?;
    let slug = NewTenant::parse_slug(&query.slug).map_err(ApiError::from_field)?;
    let found = check_sign_up_slug(&engine, &slug, query.name.as_deref(), &visitor.address).await?;
    Ok(Json(SignUpSlugResponse { slug, available: found.available, suggestions: found.suggestions }))
}
