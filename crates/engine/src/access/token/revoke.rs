use database::Transaction;
use domain::{ErrorCode, Role};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{
        Actor,
        audit::{AuditedChange, employee_change},
    },
};

/// Revokes a token, and the tokens that were created with it. Does nothing if the token was revoked before.
/// Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` if there is no such token, or the actor may not see it; the database's error.
pub async fn revoke_token(engine: &Engine, actor: &Actor, id: Uuid) -> Result<(), Error> {
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    let service_id = sqlx::query_scalar!(
        "SELECT employee_id FROM admin_tokens
         WHERE id = $1 AND ($2::uuid IS NULL OR employee_id = $2 OR employee_id IN (SELECT services_of($2)))",
        id,
        actor.own_id()
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    revoke_tokens_of(&mut transaction, &actor, service_id).await?;
    transaction.commit().await?;
    Ok(())
}

/// Revokes the tokens of an employee, and those that the employee created, and disables the services of these
/// tokens. Audited.
pub(in crate::access) async fn revoke_tokens_of(
    transaction: &mut Transaction,
    actor: &Actor,
    employee_id: Uuid,
) -> Result<(), Error> {
    let revoked = sqlx::query!(
        "WITH affected AS (
             SELECT $1::uuid AS id UNION SELECT services_of($1)
         ), revoked AS (
             UPDATE admin_tokens SET revoked_at = now()
             WHERE employee_id IN (SELECT id FROM affected) AND revoked_at IS NULL RETURNING employee_id
         ), disabled AS (
             UPDATE employees SET status = 'disabled' WHERE kind = 'service' AND id IN (SELECT id FROM affected)
         )
         SELECT e.id, e.name, e.role FROM revoked r JOIN employees e ON e.id = r.employee_id",
        employee_id
    )
    .fetch_all(&mut *transaction)
    .await?;
    for token in revoked {
        let before = Some(json!({ "name": token.name, "role": token.role }));
        AuditedChange { before, ..employee_change("token.revoked", token.id) }
            .record(transaction, actor)
            .await?;
    }
    Ok(())
}

/// Lowers the roles of the tokens that an employee created to `role`. Does not change equal or lower roles.
/// Audited.
pub(in crate::access) async fn lower_token_roles(
    transaction: &mut Transaction,
    actor: &Actor,
    employee_id: Uuid,
    role: Role,
) -> Result<(), Error> {
    let higher: Vec<String> =
        Role::ALL.iter().filter(|other| !role.may_assign(**other)).map(ToString::to_string).collect();
    let lowered = sqlx::query!(
        "WITH higher AS (
             SELECT id, role FROM employees
             WHERE id IN (SELECT services_of($1)) AND role = ANY ($2::text[]) AND status = 'active'
         ), lowered AS (
             UPDATE employees SET role = $3 WHERE id IN (SELECT id FROM higher)
         )
         SELECT id, role FROM higher",
        employee_id,
        &higher,
        role.as_str()
    )
    .fetch_all(&mut *transaction)
    .await?;
    for token in lowered {
        let (before, after) = (Some(json!({ "role": token.role })), Some(json!({ "role": role })));
        AuditedChange { before, after, ..employee_change("token.role_changed", token.id) }
            .record(transaction, actor)
            .await?;
    }
    Ok(())
}
