//! The API keys of a tenant. The path contains the tenant's ID, code or slug.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    openapi::KeyName,
    tenant_key::{IssuedKey, Overlap, TenantKey, parse_key_name},
};
use engine::{
    Engine,
    tenants::{
        NewKey, Rotation, TenantCaller, create_key, list_keys, revoke_key, rotate_key, rotate_own_key,
    },
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    examples,
    idempotency::created,
    json_body::{JsonBody, OptionalJsonBody},
    json_fields::JsonFields,
    list::{ListRequest, PageParameters},
    parameters::{IdPath, IdempotencyKeyHeader, TenantPath},
};
use crate::http::{
    authentication::{SignedIn, SignedInAdmin, TenantProgram},
    error::ApiError,
};

/// One page of the API keys, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct KeyList {
    keys: Vec<TenantKey>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// The body that creates a key pair.
#[derive(Debug, ToSchema)]
struct NewKeyBody {
    /// The name. No other working key pair of the tenant has it.
    #[schema(value_type = KeyName)]
    name: String,
}

/// The body of a rotation.
#[derive(Debug, Default, ToSchema)]
#[schema(rename_all = "camelCase")]
struct RotationBody {
    #[schema(required = false, default = 0)]
    overlap_hours: Overlap,
}

/// List the API keys of a tenant
#[utoipa::path(
    get,
    path = "/tenants/{tenant}/keys",
    operation_id = "listKeys",
    tag = "Keys",
    params(TenantPath, PageParameters),
    responses((
        status = 200,
        description = "One page of the keys.",
        body = KeyList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "keys": [examples::key()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
    list: ListRequest,
) -> Result<Response, ApiError> {
    let page = list_keys(&engine, &TenantCaller::actor(employee, &tenant), list.page).await?;
    Ok(list.respond(page, |keys, next| KeyList { keys, next }))
}

/// Create an API key
///
/// A tenant can have 20 key pairs, each with its own name. A repeated call with the same idempotency key and
/// body creates nothing, and returns the same response without the secret.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/keys",
    operation_id = "createKey",
    tag = "Keys",
    params(TenantPath, IdempotencyKeyHeader),
    request_body(content = NewKeyBody, example = json!({ "name": "Website" })),
    responses((
        status = 201,
        description = "The new key pair. Only the first response contains the secret key.",
        body = IssuedKey,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!(examples::created_key()),
    )),
)]
pub(crate) async fn create(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let NewKeyBody { name } = parse_new_key(body)?;
    let new = NewKey { name, idempotency_key: Some(key) };
    Ok(issued(create_key(&engine, &TenantCaller::actor(employee, &tenant), &new).await?))
}

/// Replace the API key of this call
///
/// The replaced key pair works for `overlapHours` more hours. A repeated call with the same idempotency key
/// and body replaces nothing, and returns the same response without the secret; it needs a key that still
/// works.
#[utoipa::path(
    post,
    path = "/keys/rotate",
    operation_id = "rotateOwnKey",
    tag = "Tenant API",
    security(("key" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = Option<RotationBody>, example = json!({ "overlapHours": 24 })),
    responses((
        status = 201,
        description = "The new key pair. Only the first response contains the secret key.",
        body = IssuedKey,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!(examples::rotated_key()),
    )),
)]
pub(crate) async fn rotate_own(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<Response, ApiError> {
    let RotationBody { overlap_hours } = parse_rotation(body)?;
    Ok(issued(rotate_own_key(&engine, &caller, overlap_hours, key).await?))
}

/// Replace an API key
///
/// The replaced key pair works for `overlapHours` more hours. A repeated call with the same idempotency key
/// and body replaces nothing, and returns the same response without the secret.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/keys/{id}/rotate",
    operation_id = "rotateKey",
    tag = "Keys",
    params(TenantPath, ("id" = Uuid, Path, description = "The ID of the key pair."), IdempotencyKeyHeader),
    request_body(content = Option<RotationBody>, example = json!({ "overlapHours": 24 })),
    responses((
        status = 201,
        description = "The new key pair. Only the first response contains the secret key.",
        body = IssuedKey,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!(examples::rotated_key()),
    )),
)]
pub(crate) async fn rotate(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    IdPath(id): IdPath,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    OptionalJsonBody(body): OptionalJsonBody,
) -> Result<Response, ApiError> {
    let RotationBody { overlap_hours: overlap } = parse_rotation(body)?;
    let rotation = Rotation { key_id: Some(id), overlap, idempotency_key: Some(key) };
    Ok(issued(rotate_key(&engine, &TenantCaller::actor(employee, &tenant), &rotation).await?))
}

/// Revoke an API key
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}/keys/{id}",
    operation_id = "revokeKey",
    tag = "Keys",
    params(TenantPath, ("id" = Uuid, Path, description = "The ID of the key pair.")),
    responses((status = 204, description = "Neither key of the pair works any longer.")),
)]
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    TenantPath(tenant): TenantPath,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    revoke_key(&engine, &TenantCaller::actor(employee, &tenant), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Responds with a new key pair, or with the pair of an earlier call, whose secret was revealed then.
fn issued(key: IssuedKey) -> Response {
    let is_replay = key.secret_key_revealed;
    created(key, is_replay)
}

fn parse_new_key(body: Value) -> Result<NewKeyBody, ApiError> {
    let mut fields = JsonFields::new(body, &["name"]);
    let name = fields.text("name").unwrap_or_default();
    let name = fields.check(parse_key_name(&name));
    fields.finish(name.map(|name| NewKeyBody { name }))
}

fn parse_rotation(body: Option<Value>) -> Result<RotationBody, ApiError> {
    let Some(body) = body else { return Ok(RotationBody::default()) };
    let mut fields = JsonFields::new(body, &["overlapHours"]);
    let hours = fields.number("overlapHours").unwrap_or_default();
    let overlap = fields.check(Overlap::from_hours(hours.try_into().unwrap_or(i64::MAX)));
    fields.finish(overlap.map(|overlap_hours| RotationBody { overlap_hours }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_overlap_is_an_optional_whole_number_of_hours() {
        let rule = |error: ApiError| error.problem.errors[0].rule.clone();
        let parse =
            |body: Value| parse_rotation(Some(body)).map(|body| body.overlap_hours.hours()).map_err(rule);
        for (body, expected) in [
            (json!({}), Ok(0)),
            (json!({ "overlapHours": null }), Ok(0)),
            (json!({ "overlapHours": 24 }), Ok(24)),
            (json!({ "overlapHours": 169 }), Err("out_of_range".into())),
            (json!({ "overlapHours": -1 }), Err("type".into())),
            (json!({ "overlapHours": 1.5 }), Err("type".into())),
            (json!({ "overlapHours": "24" }), Err("type".into())),
            (json!({ "hours": 24 }), Err("unknown_field".into())),
            (json!([]), Err("type".into())),
        ] {
            assert_eq!(parse(body.clone()), expected, "{body}");
        }
    }
}
