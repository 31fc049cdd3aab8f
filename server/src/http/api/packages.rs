//! The packages of a tenant, for its own programs.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    catalog::{Package, PackageNumbers, SentPackage},
    paths,
};
use engine::{
    Engine,
    tenants::{
        PackageCreation, create_package, delete_package, find_package, list_packages, replace_package,
    },
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    entity_tag::{replaced, tagged},
    examples,
    idempotency::replayed,
    json_body::JsonBody,
    json_fields::JsonFields,
    package_body::PackageBody,
    parameters::{IdempotencyKeyHeader, OptionalIfMatch, SlugPath},
};
use crate::http::{authentication::TenantProgram, error::ApiError};

/// All packages of a tenant, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackageList {
    packages: Vec<Package>,
}

/// List the packages
#[utoipa::path(
    get,
    path = "/packages",
    operation_id = "listOwnPackages",
    tag = "Tenant API",
    security(("key" = [])),
    responses((
        status = 200,
        description = "All packages. A tenant has at most 200.",
        body = PackageList,
        example = json!({ "packages": [examples::package()] }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
) -> Result<Json<PackageList>, ApiError> {
    Ok(Json(PackageList { packages: list_packages(&engine, &caller).await? }))
}

/// Create a package
///
/// The slug comes from the name, or is the `slug` that the body also has. A repeated call with the same
/// idempotency key and body creates nothing, and returns the same response.
#[utoipa::path(
    post,
    path = "/packages",
    operation_id = "createOwnPackage",
    tag = "Tenant API",
    security(("key" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = PackageBody, example = json!(examples::new_package())),
    responses((
        status = 201,
        description = "The new package.",
        body = Package,
        headers(
            ("ETag" = String, description = "The version, for `If-Match`."),
            ("Location" = String, description = "The path of the package."),
            ("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated."),
        ),
        example = json!(examples::package()),
    )),
)]
pub(crate) async fn create(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let (package, slug) = parse(body.clone());
    let creation = PackageCreation { package, slug, idempotency_key: &key, body: &body };
    let (package, is_replay) = create_package(&engine, &caller, creation).await?;
    let location = [(header::LOCATION, format!("{}/packages/{}", paths::API, package.value.slug))];
    Ok((location, replayed(is_replay), tagged(StatusCode::CREATED, package)).into_response())
}

/// Read a package
#[utoipa::path(
    get,
    path = "/packages/{slug}",
    operation_id = "readOwnPackage",
    tag = "Tenant API",
    security(("key" = [])),
    params(SlugPath),
    responses((
        status = 200,
        description = "The package.",
        body = Package,
        headers(("ETag" = String, description = "The version, for `If-Match`.")),
        example = json!(examples::package()),
    )),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    SlugPath(slug): SlugPath,
) -> Result<Response, ApiError> {
    Ok(tagged(StatusCode::OK, find_package(&engine, &caller, &slug).await?))
}

/// Create or replace a package
#[utoipa::path(
    put,
    path = "/packages/{slug}",
    operation_id = "replaceOwnPackage",
    tag = "Tenant API",
    security(("key" = [])),
    params(SlugPath, OptionalIfMatch),
    request_body(content = PackageBody, example = json!(examples::new_package())),
    responses(
        (
            status = 200,
            description = "The package, which was replaced.",
            body = Package,
            headers(("ETag" = String, description = "The new version.")),
            example = json!(examples::package()),
        ),
        (
            status = 201,
            description = "The package, which is new.",
            body = Package,
            headers(("ETag" = String, description = "The version.")),
            example = json!(examples::package()),
        ),
    ),
)]
pub(crate) async fn replace(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    SlugPath(slug): SlugPath,
    OptionalIfMatch(precondition): OptionalIfMatch,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let (package, _) = parse(body);
    let (package, is_new) = replace_package(&engine, &caller, &slug, &precondition, package).await?;
    Ok(replaced(package, is_new))
}

/// Delete a package
///
/// A tenant keeps at least one package.
#[utoipa::path(
    delete,
    path = "/packages/{slug}",
    operation_id = "deleteOwnPackage",
    tag = "Tenant API",
    security(("key" = [])),
    params(SlugPath, OptionalIfMatch),
    responses((status = 204, description = "The package was deleted.")),
)]
pub(crate) async fn delete(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    SlugPath(slug): SlugPath,
    OptionalIfMatch(precondition): OptionalIfMatch,
) -> Result<StatusCode, ApiError> {
    delete_package(&engine, &caller, &slug, &precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Parses a package, and the slug that the body has.
fn parse(body: Value) -> (SentPackage, Option<String>) {
    let mut fields = JsonFields::new(body, &SentPackage::FIELDS);
    let numbers = PackageNumbers {
        base_price: fields.number("basePrice"),
        price_cents: fields.number("priceCents"),
        grouping_order: fields.number("groupingOrder"),
        active: fields.boolean("active"),
    };
    let slug = fields.text("slug");
    let mut package = SentPackage::parse(|name| fields.text(name), numbers);
    package.fields = fields.complete(package.fields);
    (package, slug)
}
