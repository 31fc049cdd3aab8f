//! The settings of a tenant, for admins and for the tenant's own programs.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    defaults::{Currency, TimeZone},
    email::Email,
    field::Parsed,
    openapi::{Name, or_blank},
    settings::{Locale, PhoneNumber, TenantSettings, WebUrl},
};
use engine::{
    Engine,
    access::idn_to_ascii,
    tenants::{find_settings, replace_settings},
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

/// The complete settings of a tenant. A missing field that may be null becomes null.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only describes the body")]
struct SettingsBody {
    /// The name of the company.
    #[schema(value_type = Name)]
    company_name: String,
    /// The address to which customers write.
    #[schema(schema_with = or_blank::<Email>)]
    support_email: Option<Email>,
    /// The number that customers call.
    #[schema(schema_with = or_blank::<PhoneNumber>)]
    support_phone: Option<PhoneNumber>,
    /// The website of the company.
    #[schema(schema_with = or_blank::<WebUrl>)]
    website_url: Option<WebUrl>,
    time_zone: TimeZone,
    currency: Currency,
    locale: Locale,
    /// The sender's name of mails to customers.
    #[schema(schema_with = or_blank::<Name>)]
    email_from_name: Option<String>,
    /// The sender's address of mails to customers.
    #[schema(schema_with = or_blank::<Email>)]
    email_from_address: Option<Email>,
}

/// Read the settings of a tenant
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/settings",
    operation_id = "readSettings",
    tag = "Settings",
    params(TenantPath),
    responses((
        status = 200,
        description = "The settings.",
        body = TenantSettings,
        headers(("ETag" = String, description = "The version, for `If-Match`.")),
        example = json!(examples::settings()),
    )),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    TenantReader(caller): TenantReader,
) -> Result<Response, ApiError> {
    Ok(tagged(StatusCode::OK, find_settings(&engine, &caller).await?))
}

/// Replace the settings of a tenant
///
/// A currency with other decimals is refused while a package has a price.
#[utoipa::path(
    put,
    path = "/tenants/{tenant}/settings",
    operation_id = "replaceSettings",
    tag = "Settings",
    params(TenantPath, IfMatch),
    request_body(content = SettingsBody, example = json!(examples::settings())),
    responses((
        status = 200,
        description = "The new settings.",
        body = TenantSettings,
        headers(("ETag" = String, description = "The new version.")),
        example = json!(examples::settings()),
    )),
)]
pub(crate) async fn replace(
    State(engine): State<Engine>,
    TenantAdmin(caller): TenantAdmin,
    IfMatch(precondition): IfMatch,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let replaced = replace_settings(&engine, &caller, &precondition, parse(body)).await?;
    Ok(tagged(StatusCode::OK, replaced))
}

/// Read the settings
#[utoipa::path(
    get,
    path = "/settings",
    operation_id = "readOwnSettings",
    tag = "Tenant API",
    security(("key" = [])),
    responses((
        status = 200,
        description = "The settings.",
        body = TenantSettings,
        headers(("ETag" = String, description = "The version, for `If-Match`.")),
        example = json!(examples::settings()),
    )),
)]
pub(crate) async fn show_own(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
) -> Result<Response, ApiError> {
    Ok(tagged(StatusCode::OK, find_settings(&engine, &caller).await?))
}

/// Replace the settings
///
/// A currency with other decimals is refused while a package has a price.
#[utoipa::path(
    put,
    path = "/settings",
    operation_id = "replaceOwnSettings",
    tag = "Tenant API",
    security(("key" = [])),
    params(IfMatch),
    request_body(content = SettingsBody, example = json!(examples::settings())),
    responses((
        status = 200,
        description = "The new settings.",
        body = TenantSettings,
        headers(("ETag" = String, description = "The new version.")),
        example = json!(examples::settings()),
    )),
)]
pub(crate) async fn replace_own(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    IfMatch(precondition): IfMatch,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let replaced = replace_settings(&engine, &caller, &precondition, parse(body)).await?;
    Ok(tagged(StatusCode::OK, replaced))
}

fn parse(body: Value) -> Parsed<TenantSettings> {
    let mut fields = JsonFields::new(body, &TenantSettings::FIELDS);
    let parsed = TenantSettings::parse(|name| fields.text(name), idn_to_ascii);
    fields.complete(parsed)
}
