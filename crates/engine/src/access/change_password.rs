use database::Transaction;
use domain::{ErrorCode, FieldProblem, Problem, mail::MailContent, password::Password};
use serde_json::json;
use uuid::Uuid;

use super::{
    Actor, Person,
    address_change::end_account_links,
    audit::{AuditActor, AuditedChange, account_change, employee_change},
    employee::find_employee,
    password,
    session::end_sessions_of,
    setup_link::delete_setup_links,
    throttle,
    throttle_limits::SIGN_IN,
    token::revoke_tokens_of,
};
use crate::{
    Engine, Error,
    mail::{self, NewMessage},
};

/// A change of one's own password.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The current password.
    pub current: &'a str,
    /// The new password.
    pub new: &'a str,
    /// The token of the session that continues. All other sessions of the account end.
    pub session: Option<&'a str>,
    /// The network address of the client.
    pub address: &'a str,
    /// The start of links in mails, such as `https://console.example.com`.
    pub origin: &'a str,
}

/// Changes the password of a person who knows the current one, and sends the person a mail about it. Audited.
///
/// # Errors
/// `FORBIDDEN` for a service, which has no password; `VALIDATION_ERROR` if the new password is not accepted
/// or the current one is wrong; `RATE_LIMITED` after too many wrong passwords, which count as failed
/// sign-in attempts.
pub async fn change_password(
    engine: &Engine,
    person: &Person,
    change: PasswordChange<'_>,
) -> Result<(), Error> {
    let (employee_id, account_id) = match person {
        Person::Employee(employee) => (Some(employee.id), None),
        Person::Account(account) => (None, Some(account.id)),
    };
    let account = sqlx::query!(
        "SELECT u.id, u.email, u.email_canonical, u.name, u.password_hash
         FROM users u LEFT JOIN employees e ON e.user_id = u.id
         WHERE u.id = coalesce($2, (SELECT user_id FROM employees WHERE id = $1))
           AND e.id IS NOT DISTINCT FROM $1 AND (e.id IS NULL OR e.status = 'active')",
        employee_id,
        account_id
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or(ErrorCode::Forbidden)?;
    let new = Password::parse(change.new, &[&account.email, &account.name])
        .map_err(|problem| Problem::from_fields(vec![problem.in_field("newPassword")]))?;
    let attempt = throttle::begin_attempt(engine, &SIGN_IN, &account.email_canonical, change.address).await?;
    if !password::verify(engine, change.current, account.password_hash.clone()).await? {
        return Err(wrong_password().into());
    }
    throttle::delete_attempt(engine, attempt).await?;
    let new_hash = password::hash(engine, &new).await?;

    let mut transaction = engine.pool().begin().await?;
    let changed = sqlx::query!(
        "UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $3",
        account.id,
        new_hash,
        account.password_hash
    )
    .execute(&mut transaction)
    .await?;
    if changed.rows_affected() != 1 {
        // Another call changed the password in the meantime.
        transaction.rollback().await?;
        return Err(wrong_password().into());
    }
    end_account_links(&mut transaction, account.id).await?;
    let ended = end_sessions_of(&mut transaction, account.id, change.session).await?;
    record_change(&mut transaction, person, ended).await?;
    let message = NewMessage {
        to_name: &account.name,
        to_address: &account.email,
        tenant_id: None,
        user_id: Some(account.id),
        content: MailContent::PasswordChanged,
        token: None,
        origin: change.origin,
    };
    mail::enqueue(&mut transaction, engine, message).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(())
}

async fn record_change(
    transaction: &mut Transaction,
    person: &Person,
    ended_sessions: u64,
) -> Result<(), Error> {
    match person {
        Person::Employee(employee) => {
            let actor = Actor::from(employee.clone());
            let change = employee_change("employee.password_changed", employee.id);
            with_ended_sessions(change, ended_sessions).record(transaction, &actor).await
        }
        Person::Account(account) => {
            let actor = AuditActor { id: Some(account.id), name: &account.name };
            let change = account_change("account.password_changed", account.id);
            with_ended_sessions(change, ended_sessions).record(transaction, actor).await
        }
    }
}

/// Sets the password of an employee on behalf of the operator. Ends all sessions and links of the account, deletes
/// the setup link, and revokes the tokens that the employee created. Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; the database's error.
pub async fn reset_password(engine: &Engine, employee_id: Uuid, new: &Password) -> Result<(), Error> {
    let new_hash = password::hash(engine, new).await?;
    let (mut transaction, actor) = Actor::Operator.begin_change(engine).await?;
    let (_, user_id) = find_employee(&mut transaction, employee_id).await?;
    sqlx::query!("UPDATE users SET password_hash = $2 WHERE id = $1", user_id, new_hash)
        .execute(&mut transaction)
        .await?;
    end_account_links(&mut transaction, user_id).await?;
    let ended = end_sessions_of(&mut transaction, user_id, None).await?;
    delete_setup_links(&mut transaction, user_id).await?;
    revoke_tokens_of(&mut transaction, &actor, employee_id).await?;
    let change = employee_change("employee.password_changed", employee_id);
    with_ended_sessions(change, ended).record(&mut transaction, &actor).await?;
    transaction.commit().await?;
    Ok(())
}

fn with_ended_sessions(change: AuditedChange<'_>, ended_sessions: u64) -> AuditedChange<'_> {
    AuditedChange { after: Some(json!({ "endedSessions": ended_sessions })), ..change }
}

fn wrong_password() -> Problem {
    let message = "The current password is wrong. Check it, and try again.";
    Problem::from_fields(vec![FieldProblem::new("currentPassword", "wrong", message)])
}
