use database::Transaction;
use domain::ErrorCode;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{Actor, Employee, audit::AuditedChange, employee::find_employee},
    secret::hash,
};

/// Ends a session. Does nothing if the session does not exist.
///
/// # Errors
/// The database's error.
pub async fn end_session(engine: &Engine, token: &str) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", &hash(token)[..])
        .execute(&engine.pool())
        .await?;
    Ok(())
}

/// Ends the session with this ID. Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` if the session does not exist, or belongs to another employee and the actor may not
/// manage the sessions of all employees; the database's error.
pub async fn end_session_by_id(engine: &Engine, actor: &Actor, id: Uuid) -> Result<(), Error> {
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    let employee_id = sqlx::query_scalar!(
        "DELETE FROM sessions s USING employees e
         WHERE s.id = $1 AND e.user_id = s.user_id AND ($2::uuid IS NULL OR e.id = $2) RETURNING e.id",
        id,
        actor.own_id()
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    record(&mut transaction, &actor, id, employee_id).await?;
    transaction.commit().await?;
    Ok(())
}

/// Ends all sessions of an employee, and returns their number. Audited.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; the database's error.
pub async fn end_all_sessions(engine: &Engine, actor: &Actor, employee_id: Uuid) -> Result<usize, Error> {
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    let (_, user_id) = find_employee(&mut transaction, employee_id).await?;
    let ended = sqlx::query_scalar!("DELETE FROM sessions WHERE user_id = $1 RETURNING id", user_id)
        .fetch_all(&mut transaction)
        .await?;
    for id in &ended {
        record(&mut transaction, &actor, *id, employee_id).await?;
    }
    transaction.commit().await?;
    Ok(ended.len())
}

/// Ends all sessions of an employee except the one with the token `current`, and returns their number. Audited.
///
/// # Errors
/// `UNAUTHENTICATED` if the employee was just disabled; the database's error.
pub async fn end_other_sessions(
    engine: &Engine,
    employee: &Employee,
    current: Option<&str>,
) -> Result<usize, Error> {
    let (mut transaction, actor) = Actor::from(employee.clone()).begin_change(engine).await?;
    let current = current.map(hash);
    let ended = sqlx::query_scalar!(
        "DELETE FROM sessions WHERE user_id = (SELECT user_id FROM employees WHERE id = $1)
           AND token_hash IS DISTINCT FROM $2 RETURNING id",
        employee.id,
        current.as_ref().map(|hash| &hash[..])
    )
    .fetch_all(&mut transaction)
    .await?;
    for id in &ended {
        record(&mut transaction, &actor, *id, employee.id).await?;
    }
    transaction.commit().await?;
    Ok(ended.len())
}

async fn record(
    transaction: &mut Transaction,
    actor: &Actor,
    id: Uuid,
    employee_id: Uuid,
) -> Result<(), Error> {
    let change = AuditedChange {
        action: "session.ended",
        subject_kind: "session",
        subject_id: Some(id),
        request_id: None,
        before: Some(json!({ "employeeId": employee_id })),
        after: None,
    };
    change.record(transaction, actor).await
}

/// Ends all sessions of an account except the one with the token `kept`, and returns their number.
pub(in crate::access) async fn end_sessions_of(
    transaction: &mut Transaction,
    user_id: Uuid,
    kept: Option<&str>,
) -> Result<u64, Error> {
    let kept = kept.map(hash);
    let ended = sqlx::query!(
        "DELETE FROM sessions WHERE user_id = $1 AND token_hash IS DISTINCT FROM $2",
        user_id,
        kept.as_ref().map(|hash| &hash[..])
    )
    .execute(transaction)
    .await?;
    Ok(ended.rows_affected())
}
