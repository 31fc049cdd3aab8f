//! The packages of a tenant, for its own programs.

use axum::{
    Json,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderValue, StatusCode, header},
    response::Response,
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
use utoipa::ToSchema;

use super::{
    entity_tag::{precondition, tagged},
    examples,
    idempotency::{REPLAYED, idempotency_key},
    json_body,
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
/// The slug comes from the name, or is the `slug` that the body also has. A repeated call with the same idempotency key and body creates nothing, and returns the same response.
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
    request: Request,
) -> Result<Response, ApiError> {
    let idempotency_key = idempotency_key(request.headers())?;
    let body = json_body::read(request).await?;
    let (package, slug) = parse(JsonFields::new(body.clone(), &SentPackage::FIELDS));
    let creation = PackageCreation { package, slug, idempotency_key: &idempotency_key, body: &body };
    let (package, is_replay) = create_package(&engine, &caller, creation).await?;
    let location = HeaderValue::try_from(format!("{}/packages/{}", paths::API, package.value.slug));
    let mut response = tagged(StatusCode::CREATED, package);
    response.headers_mut().extend(location.ok().map(|location| (header::LOCATION, location)));
    response.headers_mut().extend(is_replay.then_some(REPLAYED));
    Ok(response)
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
    slug: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(slug) = slug.map_err(|_| ApiError::not_found())?;
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
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(slug) = slug.map_err(|_| ApiError::not_found())?;
    let precondition = precondition(request.headers());
    let (package, _) = parse(JsonFields::new(json_body::read(request).await?, &SentPackage::FIELDS));
    let (package, is_new) = replace_package(&engine, &caller, &slug, &precondition, package).await?;
    Ok(tagged(if is_new { StatusCode::CREATED } else { StatusCode::OK }, package))
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
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let Path(slug) = slug.map_err(|_| ApiError::not_found())?;
    delete_package(&engine, &caller, &slug, &precondition(request.headers())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Parses a package, and the slug that the body has.
fn parse(mut fields: JsonFields) -> (SentPackage, Option<String>) {
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
