use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Role, Timestamp,
    access::{ApiScope, DEFAULT_TOKEN_DAYS, TokenSummary, parse_role, parse_scopes, parse_token_days},
    field::parse_line,
    openapi::Name,
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
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    examples,
    idempotency::created,
    json_body::JsonBody,
    json_fields::JsonFields,
    list::{ListRequest, PageParameters},
    parameters::{IdPath, IdempotencyKeyHeader},
};
use crate::http::{authentication::SignedIn, error::ApiError};

/// One page of the tokens, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct TokenList {
    tokens: Vec<TokenSummary>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// The body that creates a token.
#[derive(Debug, ToSchema)]
struct NewTokenBody {
    /// The name of the token, which the history shows.
    #[schema(value_type = Name)]
    name: String,
    /// The role of calls with the token.
    role: Role,
    /// How many days the token is valid.
    #[schema(required = false, minimum = 1, maximum = 3650, default = 90)]
    days: u16,
    /// What the token may do. Without scopes, only the role limits the token.
    #[schema(min_items = 1)]
    scopes: Option<Vec<ApiScope>>,
}

/// The `nextStep` in the response to a repeated call.
const REPLAY_NEXT_STEP: &str = "The token was in the first response. \
    If that response was lost, revoke this token, and create another one with a new Idempotency-Key.";

/// A new token. Only the first response with an idempotency key contains the secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreatedToken {
    id: Uuid,
    name: String,
    role: Role,
    /// What the token may do; null if only the role limits it.
    scopes: Option<Vec<ApiScope>>,
    /// The secret, which `Authorization: Bearer` sends.
    token: Option<String>,
    /// Whether an earlier response contained the secret.
    token_revealed: bool,
    expires_at: Timestamp,
    /// What the client can do if the earlier response was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_step: Option<&'static str>,
}

/// List admin tokens
///
/// A `SUPER_ADMIN` sees all tokens, other people see those that they created, and a token sees itself and the
/// tokens that were created with it.
#[utoipa::path(
    get,
    path = "/tokens",
    operation_id = "listTokens",
    tag = "Tokens",
    params(PageParameters),
    responses((
        status = 200,
        description = "One page of the tokens.",
        body = TokenList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "tokens": [examples::token()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    list: ListRequest,
) -> Result<Response, ApiError> {
    let page = list_tokens(&engine, &employee.into(), list.page).await?;
    Ok(list.respond(page, |tokens, next| TokenList { tokens, next }))
}

/// Create an admin token
///
/// The role is at most that of the sender. A token that is created with another token expires no later than
/// that token, and has no scopes that the other one lacks. A repeated call with the same idempotency key and body creates nothing, and returns the token
/// without its secret.
#[utoipa::path(
    post,
    path = "/tokens",
    operation_id = "createToken",
    tag = "Tokens",
    params(IdempotencyKeyHeader),
    request_body(content = NewTokenBody, example = json!({
        "name": "ci", "role": "VIEWER", "days": 30, "scopes": ["tenants:read", "requests:read"],
    })),
    responses((
        status = 201,
        description = "The token. Only the first response contains its secret.",
        body = CreatedToken,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!(examples::created_token()),
    )),
)]
pub(crate) async fn create(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let NewTokenBody { name, role, days, scopes } = parse_new_token(body)?;
    let new = NewToken { name: &name, role, days, scopes: scopes.as_deref() };
    let response = match create_token_once(&engine, &employee.into(), new, &key).await? {
        CreationOutcome::Created(IssuedToken { id, token, expires_at }) => {
            let token = Some(token.expose_secret().to_owned());
            CreatedToken { id, name, role, scopes, token, token_revealed: false, expires_at, next_step: None }
        }
        CreationOutcome::Replayed(FormerToken { id, name, role, scopes, expires_at }) => {
            let next_step = Some(REPLAY_NEXT_STEP);
            CreatedToken { id, name, role, scopes, token: None, token_revealed: true, expires_at, next_step }
        }
    };
    let is_replay = response.token_revealed;
    Ok(created(response, is_replay))
}

/// Revoke an admin token
///
/// Also revokes the tokens that were created with it.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    operation_id = "revokeToken",
    tag = "Tokens",
    params(("id" = Uuid, Path, description = "The ID of the token.")),
    responses((status = 204, description = "The token no longer works.")),
)]
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    revoke_token(&engine, &employee.into(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_new_token(body: Value) -> Result<NewTokenBody, ApiError> {
    let mut fields = JsonFields::new(body, &["name", "role", "days", "scopes"]);
    let (name, role, days) = (fields.text("name"), fields.text("role"), fields.number("days"));
    let scopes = fields.texts("scopes");
    let name = fields.check(parse_line("name", "the name", &name.unwrap_or_default(), MAX_NAME));
    let role = fields.check(parse_role(&role.unwrap_or_default()));
    let days = fields.check(parse_token_days(days.unwrap_or(DEFAULT_TOKEN_DAYS.into())));
    let scopes = match scopes {
        Some(scopes) => fields.check(parse_scopes(scopes.iter().map(String::as_str))).map(Some),
        None => Some(None),
    };
    let values = name.zip(role).zip(days).zip(scopes);
    fields.finish(values.map(|(((name, role), days), scopes)| NewTokenBody { name, role, days, scopes }))
}
