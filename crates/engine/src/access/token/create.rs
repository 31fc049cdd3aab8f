use database::Transaction;
use domain::{
    ErrorCode, FieldProblem, Problem, Role, Timestamp,
    access::{ApiScope, MAX_ACTIVE_TOKENS},
    idempotency_key::IdempotencyKey,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::parse_stored_scopes;
use crate::{
    Engine, Error,
    access::{
        Actor, Employee,
        audit::{AuditedChange, employee_change},
        creation::{CreationOutcome, KeyedCall},
    },
    secret::{hash, new_token},
};

/// The prefix of every admin token. Secret scanners recognise admin tokens by this prefix.
pub(super) const PREFIX: &str = "tnt_admin_";

/// An admin token to create.
#[derive(Debug)]
pub struct NewToken<'a> {
    /// The name, which the history shows.
    pub name: &'a str,
    /// The role of calls with the token.
    pub role: Role,
    /// How many days the token is valid.
    pub days: u16,
    /// What the token may do in the API. `None` if only the role limits the token.
    pub scopes: Option<&'a [ApiScope]>,
}

/// A new admin token. The caller shows the token once, because only its hash is stored.
#[derive(Debug)]
pub struct IssuedToken {
    /// The ID of the token.
    pub id: Uuid,
    /// The token itself, including its prefix.
    pub token: SecretString,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// A token that an earlier call with the same idempotency key created.
#[derive(Debug)]
pub struct FormerToken {
    /// The ID of the token.
    pub id: Uuid,
    /// The name of the token.
    pub name: String,
    /// The current role of the token.
    pub role: Role,
    /// What the token may do.
    pub scopes: Option<Vec<ApiScope>>,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// Creates a service employee and its token. Stores only the hash of the token. A token that is created with
/// another token does not outlive that token. Audited.
///
/// # Errors
/// `FORBIDDEN` if the role is higher than the actor's own role, or a token with scopes does not have all scopes of
/// the new token; `INVALID_TRANSITION` if the person has
/// [`MAX_ACTIVE_TOKENS`] active tokens; the database's error.
pub async fn create_token(engine: &Engine, actor: &Actor, new: NewToken<'_>) -> Result<IssuedToken, Error> {
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_may_assign(new.role)?;
    let (_, issued) = issue(&mut transaction, &actor, &new).await?;
    transaction.commit().await?;
    Ok(issued)
}

/// Like [`create_token`], but a repeated call with the same idempotency key returns the token of the first
/// call, without its secret.
///
/// # Errors
/// The errors of [`create_token`]; `IDEMPOTENCY_KEY_REUSED` if the key belongs to another call.
pub async fn create_token_once(
    engine: &Engine,
    actor: &Actor,
    new: NewToken<'_>,
    key: &IdempotencyKey,
) -> Result<CreationOutcome<IssuedToken, FormerToken>, Error> {
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_may_assign(new.role)?;
    let mut body = json!({ "kind": "token", "name": new.name, "role": new.role, "days": new.days });
    // Without scopes, the fingerprint is the same as before scopes existed.
    if let Some(scopes) = new.scopes {
        body["scopes"] = json!(scopes);
    }
    let call = KeyedCall::new(engine, key, &body);
    let outcome = match call.find_created(&mut transaction).await? {
        Some(service_id) => CreationOutcome::Replayed(find_former(&mut transaction, service_id).await?),
        None => {
            let (service_id, issued) = issue(&mut transaction, &actor, &new).await?;
            call.store_created(&mut transaction, service_id).await?;
            CreationOutcome::Created(issued)
        }
    };
    transaction.commit().await?;
    Ok(outcome)
}

async fn find_former(transaction: &mut Transaction, service_id: Uuid) -> Result<FormerToken, Error> {
    let row = sqlx::query!(
        r#"SELECT t.id, e.name, e.role, e.scopes, (extract(epoch FROM t.expires_at) * 1000)::bigint AS "expires_ms!"
           FROM admin_tokens t JOIN employees e ON e.id = t.employee_id WHERE e.id = $1"#,
        service_id
    )
    .fetch_one(transaction)
    .await?;
    let Employee { name, role, .. } = Employee::from_row(service_id, row.name, &row.role)?;
    let scopes = parse_stored_scopes(row.scopes)?;
    Ok(FormerToken { id: row.id, name, role, scopes, expires_at: Timestamp(row.expires_ms) })
}

/// Creates a service employee and its token. Returns the ID of the employee, and the token.
async fn issue(
    transaction: &mut Transaction,
    actor: &Actor,
    new: &NewToken<'_>,
) -> Result<(Uuid, IssuedToken), Error> {
    if let Some(id) = actor.id() {
        check_token_limit(transaction, id).await?;
        check_scopes(transaction, id, new.scopes).await?;
    }
    let scopes: Option<Vec<String>> =
        new.scopes.map(|scopes| scopes.iter().map(ToString::to_string).collect());
    let (service_id, token) = (Uuid::now_v7(), new_token(PREFIX));
    let row = sqlx::query!(
        r#"WITH service AS (
             INSERT INTO employees (id, kind, name, role, created_by, scopes) VALUES ($1, 'service', $2, $3, $4, $8)
             RETURNING id
         )
         INSERT INTO admin_tokens (id, token_hash, employee_id, expires_at)
         SELECT $5, $6, id,
             least(now() + make_interval(days => $7),
                 (SELECT expires_at FROM admin_tokens WHERE employee_id = $4 AND revoked_at IS NULL))
         FROM service
         RETURNING id, (extract(epoch FROM expires_at) * 1000)::bigint AS "expires_ms!""#,
        service_id,
        new.name,
        new.role.as_str(),
        actor.id(),
        Uuid::now_v7(),
        &hash(token.expose_secret())[..],
        i32::from(new.days),
        scopes.as_deref()
    )
    .fetch_one(&mut *transaction)
    .await?;
    let mut after = json!({ "name": new.name, "role": new.role });
    if let Some(scopes) = new.scopes {
        after["scopes"] = json!(scopes);
    }
    let after = Some(after);
    AuditedChange { after, ..employee_change("token.created", service_id) }
        .record(transaction, actor)
        .await?;
    Ok((service_id, IssuedToken { id: row.id, token, expires_at: Timestamp(row.expires_ms) }))
}

/// Fails if the actor is a token with scopes that lacks one of those of the new token.
async fn check_scopes(
    transaction: &mut Transaction,
    actor_id: Uuid,
    new: Option<&[ApiScope]>,
) -> Result<(), Error> {
    let own = sqlx::query_scalar!("SELECT scopes FROM employees WHERE id = $1", actor_id)
        .fetch_one(transaction)
        .await?;
    let Some(own) = parse_stored_scopes(own)? else { return Ok(()) };
    let is_allowed = new.is_some_and(|new| new.iter().all(|scope| own.contains(scope)));
    if is_allowed { Ok(()) } else { Err(too_many_scopes().into()) }
}

fn too_many_scopes() -> Problem {
    let message = "A token with scopes creates only tokens with some of its own scopes.";
    Problem { errors: vec![FieldProblem::new("scopes", "not_own", message)], ..ErrorCode::Forbidden.into() }
}

/// Fails if the employee or, for a service, the person who created it has too many active tokens.
async fn check_token_limit(transaction: &mut Transaction, employee_id: Uuid) -> Result<(), Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM admin_tokens
           WHERE revoked_at IS NULL AND expires_at > now()
             AND employee_id IN (SELECT services_of(creator_of($1)))"#,
        employee_id
    )
    .fetch_one(transaction)
    .await?;
    if count < MAX_ACTIVE_TOKENS.into() { Ok(()) } else { Err(too_many_tokens().into()) }
}

fn too_many_tokens() -> Problem {
    let message = format!("You have {MAX_ACTIVE_TOKENS} active tokens. Revoke a token first.");
    let errors = vec![FieldProblem::new("", "too_many_tokens", &message)];
    Problem { errors, ..ErrorCode::InvalidTransition.into() }
}
