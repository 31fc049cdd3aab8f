//! The API keys of a tenant. The path contains the tenant's ID, code or slug.

use axum::{
    extract::{OriginalUri, Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::tenant_key::{Overlap, TenantKey};
use engine::{
    Engine,
    tenants::{Rotation, list_keys, revoke_key, rotate_key},
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    idempotency::{created, idempotency_key},
    json_body,
    json_fields::JsonFields,
    list::{parse_page, respond},
};
use crate::http::{authentication::SignedIn, error::ApiError};

#[derive(Debug, Serialize)]
struct KeyList {
    keys: Vec<TenantKey>,
    next: Option<String>,
}

/// `GET /tenants/{tenant}/keys`
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Result<Path<String>, PathRejection>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let Path(tenant) = tenant.map_err(|_| ApiError::not_found())?;
    let page = list_keys(&engine, &employee.into(), &tenant, parse_page(uri.query())?).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(respond(&uri, KeyList { keys: page.rows, next: next.clone() }, next.as_deref()))
}

/// `POST /tenants/{tenant}/keys/{id}/rotate` with `overlapHours`: 201 with the new key and its secret. A
/// replay has the same status, no secret, and the header `Idempotent-Replayed`.
pub(crate) async fn rotate(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    employee.require_provisioning()?;
    let (tenant, id) = parse_path(path)?;
    let idempotency_key = Some(idempotency_key(&headers)?);
    let overlap = match json_body::read_optional(request).await? {
        Some(body) => parse_overlap(body)?,
        None => Overlap::default(),
    };
    let rotation = Rotation { key_id: Some(id), overlap, idempotency_key };
    let rotated = rotate_key(&engine, &employee.into(), &tenant, &rotation).await?;
    let is_replay = rotated.secret_key_revealed;
    Ok(created(rotated, is_replay))
}

/// `DELETE /tenants/{tenant}/keys/{id}`
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let (tenant, id) = parse_path(path)?;
    revoke_key(&engine, &employee.into(), &tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Parses the reference to a tenant, and the ID of a key or an invitation of the tenant.
pub(super) fn parse_path(
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<(String, Uuid), ApiError> {
    let Path((tenant, id)) = path.map_err(|_| ApiError::not_found())?;
    Ok((tenant, Uuid::try_parse(&id).map_err(|_| ApiError::not_found())?))
}

fn parse_overlap(body: Value) -> Result<Overlap, ApiError> {
    let mut fields = JsonFields::new(body, &["overlapHours"]);
    let hours = fields.number("overlapHours").unwrap_or_default();
    let overlap = fields.check(Overlap::from_hours(hours.try_into().unwrap_or(i64::MAX)));
    fields.finish(overlap)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_overlap_is_an_optional_whole_number_of_hours() {
        let rule = |error: ApiError| error.problem.errors[0].rule.clone();
        let parse = |body: Value| parse_overlap(body).map(Overlap::hours).map_err(rule);
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
