//! The branding of a tenant, for admins and for the tenant's own programs.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    branding::{Color, TenantBranding},
    defaults::ThemePreset,
    field::Parsed,
    openapi::{BackgroundColor, or_blank},
    settings::WebUrl,
};
use engine::{
    Engine,
    tenants::{find_branding, replace_branding},
};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    entity_tag::tagged,
    examples,
    json_body::JsonBody,
    json_fields::JsonFields,
    parameters::{IfMatch, TenantAdmin, TenantPath, TenantReader},
};
use crate::http::{authentication::TenantProgram, error::ApiError};

/// The complete branding of a tenant. A missing colour becomes that of the theme.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only describes the body")]
struct BrandingBody {
    theme: ThemePreset,
    /// The address of the logo.
    #[schema(schema_with = or_blank::<WebUrl>)]
    logo_url: Option<WebUrl>,
    /// The colour of buttons, with white text.
    #[schema(schema_with = or_blank::<BackgroundColor>)]
    color_primary: Option<Color>,
    /// The colour of further areas, with white text.
    #[schema(schema_with = or_blank::<BackgroundColor>)]
    color_secondary: Option<Color>,
    /// The colour of decorations, without text.
    #[schema(schema_with = or_blank::<Color>)]
    color_accent: Option<Color>,
}

/// Read the branding of a tenant
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/branding",
    operation_id = "readBranding",
    tag = "Settings",
    params(TenantPath),
    responses((
        status = 200,
        description = "The branding.",
        body = TenantBranding,
        headers(("ETag" = String, description = "The version, for `If-Match`.")),
        example = json!(examples::branding()),
    )),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    TenantReader(caller): TenantReader,
) -> Result<Response, ApiError> {
    Ok(tagged(StatusCode::OK, find_branding(&engine, &caller).await?))
}

/// Replace the branding of a tenant
#[utoipa::path(
    put,
    path = "/tenants/{tenant}/branding",
    operation_id = "replaceBranding",
    tag = "Settings",
    params(TenantPath, IfMatch),
    request_body(content = BrandingBody, example = json!(examples::branding())),
    responses((
        status = 200,
        description = "The new branding.",
        body = TenantBranding,
        headers(("ETag" = String, description = "The new version.")),
        example = json!(examples::branding()),
    )),
)]
pub(crate) async fn replace(
    State(engine): State<Engine>,
    TenantAdmin(caller): TenantAdmin,
    IfMatch(precondition): IfMatch,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let replaced = replace_branding(&engine, &caller, &precondition, parse(body)).await?;
    Ok(tagged(StatusCode::OK, replaced))
}

/// Read the branding
#[utoipa::path(
    get,
    path = "/branding",
    operation_id = "readOwnBranding",
    tag = "Tenant API",
    security(("key" = [])),
    responses((
        status = 200,
        description = "The branding.",
        body = TenantBranding,
        headers(("ETag" = String, description = "The version, for `If-Match`.")),
        example = json!(examples::branding()),
    )),
)]
pub(crate) async fn show_own(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
) -> Result<Response, ApiError> {
    Ok(tagged(StatusCode::OK, find_branding(&engine, &caller).await?))
}

/// Replace the branding
#[utoipa::path(
    put,
    path = "/branding",
    operation_id = "replaceOwnBranding",
    tag = "Tenant API",
    security(("key" = [])),
    params(IfMatch),
    request_body(content = BrandingBody, example = json!(examples::branding())),
    responses((
        status = 200,
        description = "The new branding.",
        body = TenantBranding,
        headers(("ETag" = String, description = "The new version.")),
        example = json!(examples::branding()),
    )),
)]
pub(crate) async fn replace_own(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    IfMatch(precondition): IfMatch,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let replaced = replace_branding(&engine, &caller, &precondition, parse(body)).await?;
    Ok(tagged(StatusCode::OK, replaced))
}

fn parse(body: Value) -> Parsed<TenantBranding> {
    let mut fields = JsonFields::new(body, &TenantBranding::FIELDS);
    let parsed = TenantBranding::parse(|name| fields.text(name));
    fields.complete(parsed)
}
