use axum::{
    extract::{OriginalUri, Path, Request, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use domain::{
    Role, Timestamp,
    access::{DEFAULT_TOKEN_DAYS, TokenSummary, parse_role, parse_token_days},
    field::parse_line,
    provisioning::MAX_NAME,
};
use engine::{
    Engine,
    access::{
        CreationOutcome, FormerToken, IssuedToken, NewToken, create_token_once, list_tokens, revoke_token,
    },
};
use secrecy::ExposeSecret;
use serde::Serialize;
use uuid::Uuid;

use super::{
    idempotency::{created, idempotency_key},
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

/// The `nextStep` in the response to a repeated call.
const REPLAY_NEXT_STEP: &str = "The token was in the first response. \
    If that response was lost, revoke this token, and create another one with a new Idempotency-Key.";

/// A new token. Only the first response with an idempotency key contains the secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreatedToken {
    id: Uuid,
    name: String,
    role: Role,
    token: Option<String>,
    token_revealed: bool,
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<&'static str>,
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

/// `POST /tokens` with `name`, `role` and optionally `days`: 201 with the token. A replay has the same status,
/// no secret, and the header `Idempotent-Replayed`.
pub(crate) async fn create(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    request: Request,
) -> Result<Response, ApiError> {
    let key = idempotency_key(request.headers())?;
    let mut fields = JsonFields::new(json_body::read(request).await?, &["name", "role", "days"]);
    let (name, role, days) = (fields.text("name"), fields.text("role"), fields.number("days"));
    let name = fields.check(parse_line("name", "the name", &name.unwrap_or_default(), MAX_NAME));
    let role = fields.check(parse_role(&role.unwrap_or_default()));
    let days = fields.check(parse_token_days(days.unwrap_or(DEFAULT_TOKEN_DAYS.into())));
    let values = name.zip(role).zip(days);
    let ((name, role), days) = fields.finish(values)?;
    let new = NewToken { name: &name, role, days };
    let response = match create_token_once(&engine, &employee.into(), new, &key).await? {
        CreationOutcome::Created(IssuedToken { id, token, expires_at }) => {
            let token = Some(token.expose_secret().to_owned());
            CreatedToken { id, name, role, token, token_revealed: false, expires_at, next_step: None }
        }
        CreationOutcome::Replayed(FormerToken { id, name, role, expires_at }) => {
            let next_step = Some(REPLAY_NEXT_STEP);
            CreatedToken { id, name, role, token: None, token_revealed: true, expires_at, next_step }
        }
    };
    let is_replay = response.token_revealed;
    Ok(created(response, is_replay))
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
