//! The custom domains of a tenant. The path contains the tenant's ID, code or slug.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::custom_domain::{DomainName, TenantDomain};
use engine::{
    Engine,
    access::idn_to_ascii,
    tenants::{NewDomain, add_domain, list_domains, remove_domain, verify_domain},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    examples,
    idempotency::created,
    json_body::JsonBody,
    json_fields::JsonFields,
    parameters::{IdPath, IdempotencyKeyHeader, TenantPath},
};
use crate::http::{
    authentication::{SignedIn, SignedInAdmin},
    error::ApiError,
};

/// All domains of a tenant, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DomainList {
    domains: Vec<TenantDomain>,
}

/// The body that adds a domain.
#[derive(Debug, ToSchema)]
struct NewDomainBody {
    /// The domain. It is neither an IP address nor a wildcard, and it does not belong to the platform.
    domain: DomainName,
}

/// List the domains of a tenant
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/domains",
    operation_id = "listDomains",
    tag = "Domains",
    params(TenantPath),
    responses((
        status = 200,
        description = "All domains. A tenant has at most 20.",
        body = DomainList,
        example = json!({ "domains": [examples::domain()] }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(_): SignedIn,
    TenantPath(tenant): TenantPath,
) -> Result<Json<DomainList>, ApiError> {
    Ok(Json(DomainList { domains: list_domains(&engine, &tenant).await? }))
}

/// Add a domain
///
/// Set the DNS record in the response, then verify the domain. A repeated call with the same idempotency key
/// and body adds nothing, and returns the domain in its current state.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/domains",
    operation_id = "addDomain",
    tag = "Domains",
    params(TenantPath, IdempotencyKeyHeader),
    request_body(content = NewDomainBody, example = json!({ "domain": "shop.goldenspoon.example" })),
    responses((
        status = 201,
        description = "The domain, with the DNS record to set.",
        body = TenantDomain,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!(examples::new_domain()),
    )),
)]
pub(crate) async fn add(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let NewDomainBody { domain } = parse_new_domain(body)?;
    let new = NewDomain { domain, idempotency_key: Some(key) };
    let (domain, is_replay) = add_domain(&engine, &employee.into(), &tenant, &new).await?;
    Ok(created(domain, is_replay))
}

/// Verify a domain
///
/// Asks DNS for the record. If the record has the value, the domain is verified, and the claims of other
/// tenants become refused. If another tenant verified the domain, this claim is refused. Otherwise the domain
/// is `pending`, and `lastCheck` says what was found. A verified domain stays verified without its record.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/domains/{id}/verify",
    operation_id = "verifyDomain",
    tag = "Domains",
    params(TenantPath, ("id" = Uuid, Path, description = "The ID of the domain.")),
    responses((
        status = 200,
        description = "The domain after the check.",
        body = TenantDomain,
        example = json!(examples::domain()),
    )),
)]
pub(crate) async fn verify(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
    IdPath(id): IdPath,
) -> Result<Json<TenantDomain>, ApiError> {
    Ok(Json(verify_domain(&engine, &employee.into(), &tenant, id).await?))
}

/// Remove a domain
///
/// Another tenant can then verify it.
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}/domains/{id}",
    operation_id = "removeDomain",
    tag = "Domains",
    params(TenantPath, ("id" = Uuid, Path, description = "The ID of the domain.")),
    responses((status = 204, description = "The tenant no longer has the domain.")),
)]
pub(crate) async fn remove(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    remove_domain(&engine, &employee.into(), &tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_new_domain(body: Value) -> Result<NewDomainBody, ApiError> {
    let mut fields = JsonFields::new(body, &["domain"]);
    let text = fields.text("domain").unwrap_or_default();
    let domain = DomainName::parse(&text, idn_to_ascii).map_err(|problem| problem.in_field("domain"));
    let domain = fields.check(domain);
    fields.finish(domain.map(|domain| NewDomainBody { domain }))
}
