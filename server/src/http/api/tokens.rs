use axum::{
    Json,
    extract::{OriginalUri, Path, Request, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    Role, Timestamp,
    access::{DEFAULT_TOKEN_DAYS, TokenSummary, parse_role, parse_token_days},
    field::parse_line,
    provisioning::MAX_NAME,
};
use engine::{
    Engine,
    access::{NewToken, create_token, list_tokens, revoke_token},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use uuid::Uuid;

use super::{
    json_body,
    json_fields::JsonFields,
    list::{parse_page, respond},
    requests::parse_id,
};
use crate::http::{authentication::SignedIn, error::ApiError};

#[derive(Debug, Serialize)]
struct TokenList {
    tokens: Vec<TokenSummary>,
    next: Option<String>,
}

/// A new token with its secret. No other response contains the secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreatedToken {
    id: Uuid,
    name: String,
    role: Role,
    token: String,
    expires_at: Timestamp,
}

/// `GET /tokens`
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let page = list_tokens(&engine, &employee.into(), parse_page(uri.query())?).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(respond(&uri, TokenList { tokens: page.rows, next: next.clone() }, next.as_deref()))
}

/// `POST /tokens` with `name`, `role` and optionally `days`.
pub(crate) async fn create(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    request: Request,
) -> Result<Response, ApiError> {
    let mut fields = JsonFields::new(json_body::read(request).await?, &["name", "role", "days"]);
    let (name, role, days) = (fields.text("name"), fields.text("role"), fields.number("days"));
    let name = fields.check(parse_line("name", "the name", &name.unwrap_or_default(), MAX_NAME));
    let role = fields.check(parse_role(&role.unwrap_or_default()));
    let days = fields.check(parse_token_days(days.unwrap_or(DEFAULT_TOKEN_DAYS.into())));
    let values = name.zip(role).zip(days);
    let ((name, role), days) = fields.finish(values)?;
    let issued = create_token(&engine, &employee.into(), NewToken { name: &name, role, days }).await?;
    let token = issued.token.expose_secret().to_owned();
    let created = CreatedToken { id: issued.id, name, role, token, expires_at: issued.expires_at };
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

/// `DELETE /tokens/{id}`
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    revoke_token(&engine, &employee.into(), parse_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
