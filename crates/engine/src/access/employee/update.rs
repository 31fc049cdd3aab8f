use database::Transaction;
use domain::{
    ErrorCode, FieldProblem, Problem, Role,
    access::{EmployeeStatus, EmployeeSummary},
};
use serde_json::json;
use uuid::Uuid;

use super::list::find_employee;
use crate::{
    Engine, Error,
    access::{
        Actor,
        audit::{AuditedChange, employee_change},
        session::end_sessions_of,
        setup_link::delete_setup_links,
        token::{lower_token_roles, revoke_tokens_of},
    },
};

/// The constraint name in the error of the trigger that protects the last SUPER_ADMIN who can sign in.
const LAST_SUPER_ADMIN: &str = "employees_last_super_admin";

/// A change of an employee. `None` leaves a value unchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EmployeeUpdate {
    /// The new role.
    pub role: Option<Role>,
    /// Whether the employee may sign in.
    pub status: Option<EmployeeStatus>,
}

/// Changes the role or the status of an employee, and returns the employee. Takes effect with the next
/// request of the employee.
///
/// A lower role also lowers the roles of the tokens that the employee created. Disabling an employee ends the
/// sessions, revokes these tokens, and deletes the setup link; enabling the employee restores none of them.
/// Audited.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` if no SUPER_ADMIN who can sign in would remain.
pub async fn update_employee(
    engine: &Engine,
    actor: &Actor,
    id: Uuid,
    update: EmployeeUpdate,
) -> Result<EmployeeSummary, Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    let (before, user_id) = find_employee(&mut transaction, id).await?;
    let role = update.role.unwrap_or(before.role);
    let status = update.status.unwrap_or(before.status);
    actor.require_may_assign(role)?;
    store(&mut transaction, id, role, status).await?;
    if role != before.role {
        let (old, new) = (Some(json!({ "role": before.role })), Some(json!({ "role": role })));
        AuditedChange { before: old, after: new, ..employee_change("employee.role_changed", id) }
            .record(&mut transaction, &actor)
            .await?;
        lower_token_roles(&mut transaction, &actor, id, role).await?;
    }
    if status != before.status {
        match status {
            EmployeeStatus::Active => {
                employee_change("employee.enabled", id).record(&mut transaction, &actor).await?
            }
            EmployeeStatus::Disabled => withdraw_access(&mut transaction, &actor, id, user_id).await?,
        }
    }
    let (employee, _) = find_employee(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(employee)
}

async fn store(
    transaction: &mut Transaction,
    id: Uuid,
    role: Role,
    status: EmployeeStatus,
) -> Result<(), Error> {
    let stored = sqlx::query!(
        "UPDATE employees SET role = $2, status = $3 WHERE id = $1 AND (role, status) <> ($2, $3)",
        id,
        role.as_str(),
        status.as_str()
    )
    .execute(transaction)
    .await;
    match stored {
        Err(sqlx::Error::Database(refusal)) if refusal.constraint() == Some(LAST_SUPER_ADMIN) => {
            Err(last_super_admin().into())
        }
        stored => Ok(stored.map(drop)?),
    }
}

/// Ends the sessions, deletes the setup link and revokes the tokens of a disabled employee.
async fn withdraw_access(
    transaction: &mut Transaction,
    actor: &Actor,
    id: Uuid,
    user_id: Uuid,
) -> Result<(), Error> {
    let ended = end_sessions_of(transaction, user_id, None).await?;
    delete_setup_links(transaction, user_id).await?;
    let after = Some(json!({ "endedSessions": ended }));
    AuditedChange { after, ..employee_change("employee.disabled", id) }.record(transaction, actor).await?;
    revoke_tokens_of(transaction, actor, id).await
}

fn last_super_admin() -> Problem {
    let message = "This is the last super admin who can sign in. \
        First give the role SUPER_ADMIN to another employee who has a password.";
    let errors = vec![FieldProblem::new("", "last_super_admin", message)];
    Problem { errors, ..ErrorCode::InvalidTransition.into() }
}
