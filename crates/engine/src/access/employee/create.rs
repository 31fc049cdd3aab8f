use database::Transaction;
use domain::{
    ErrorCode, Problem, Role, access::EmployeeSummary, email::Email, idempotency_key::IdempotencyKey,
    password::Password,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    list::find_employee,
    setup::{InvitedEmployee, send_setup_link},
};
use crate::{
    Engine, Error,
    access::{
        Actor, Employee,
        audit::{AuditedChange, employee_change},
        creation::{CreationOutcome, KeyedCall},
        password,
    },
    mail,
};

/// A new employee with an account.
#[derive(Debug)]
pub struct NewEmployee<'a> {
    /// The name.
    pub name: &'a str,
    /// The address to sign in with.
    pub email: &'a Email,
    /// The password. Only its hash is stored.
    pub password: &'a Password,
    /// The role.
    pub role: Role,
}

/// An employee to invite.
#[derive(Debug, Clone, Copy)]
pub struct Invitee<'a> {
    /// The name.
    pub name: &'a str,
    /// The address to sign in with, which gets the link.
    pub email: &'a Email,
    /// The role.
    pub role: Role,
    /// The start of the link, such as `https://console.example.com`.
    pub origin: &'a str,
}

/// Creates an account and its employee, on behalf of the operator.
///
/// # Errors
/// `EMAIL_UNAVAILABLE` if the address has an account; the database's error.
pub async fn create_employee(engine: &Engine, new: NewEmployee<'_>) -> Result<Uuid, Error> {
    let hash = password::hash(engine, new.password).await?;
    let mut transaction = engine.pool().begin().await?;
    let person = Person { name: new.name, email: new.email, role: new.role, password_hash: Some(&hash) };
    let (_, employee) = insert_employee(&mut transaction, &person).await?;
    record_created(&mut transaction, &employee, &Actor::Operator).await?;
    transaction.commit().await?;
    Ok(employee.id)
}

/// Creates an employee without a password, and sends a mail with the setup link, with which the person chooses
/// one. Audited.
///
/// # Errors
/// `FORBIDDEN`; `EMAIL_UNAVAILABLE` if the address has an account; the database's error.
pub async fn invite_employee(
    engine: &Engine,
    actor: &Actor,
    new: Invitee<'_>,
) -> Result<InvitedEmployee, Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    actor.require_may_assign(new.role)?;
    let invited = invite(&mut transaction, engine, &actor, new).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(invited)
}

/// Like [`invite_employee`], but a repeated call with the same idempotency key returns the employee of the
/// first call, without the setup link.
///
/// # Errors
/// The errors of [`invite_employee`]; `IDEMPOTENCY_KEY_REUSED` if the key belongs to another call.
pub async fn invite_employee_once(
    engine: &Engine,
    actor: &Actor,
    new: Invitee<'_>,
    key: &IdempotencyKey,
) -> Result<CreationOutcome<InvitedEmployee, EmployeeSummary>, Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    actor.require_may_assign(new.role)?;
    let body =
        json!({ "kind": "employee", "name": new.name, "email": new.email.address(), "role": new.role });
    let call = KeyedCall::new(engine, key, &body);
    let outcome = match call.find_created(&mut transaction).await? {
        Some(id) => CreationOutcome::Replayed(find_employee(&mut transaction, id).await?.0),
        None => {
            let invited = invite(&mut transaction, engine, &actor, new).await?;
            call.store_created(&mut transaction, invited.employee.id).await?;
            CreationOutcome::Created(invited)
        }
    };
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(outcome)
}

async fn invite(
    transaction: &mut Transaction,
    engine: &Engine,
    actor: &Actor,
    new: Invitee<'_>,
) -> Result<InvitedEmployee, Error> {
    let person = Person { name: new.name, email: new.email, role: new.role, password_hash: None };
    let (user_id, employee) = insert_employee(transaction, &person).await?;
    record_created(transaction, &employee, actor).await?;
    send_setup_link(transaction, engine, actor, (employee.id, user_id), new.origin).await
}

/// An account and its employee to insert.
#[derive(Debug)]
pub(in crate::access) struct Person<'a> {
    pub name: &'a str,
    pub email: &'a Email,
    pub role: Role,
    /// `None` until the person chooses a password.
    pub password_hash: Option<&'a str>,
}

/// Inserts an account and its employee. Returns the ID of the account, and the employee.
pub(in crate::access) async fn insert_employee(
    transaction: &mut Transaction,
    person: &Person<'_>,
) -> Result<(Uuid, Employee), Error> {
    let (user_id, employee_id) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query!(
        "INSERT INTO users (id, email, email_canonical, name, password_hash) VALUES ($1, $2, $3, $4, $5)",
        user_id,
        person.email.address(),
        person.email.canonical(),
        person.name,
        person.password_hash
    )
    .execute(&mut *transaction)
    .await
    .map_err(|error| add_taken_address(error.into(), person.email))?;
    sqlx::query!(
        "INSERT INTO employees (id, kind, user_id, name, role) VALUES ($1, 'person', $2, $3, $4)",
        employee_id,
        user_id,
        person.name,
        person.role.as_str()
    )
    .execute(&mut *transaction)
    .await?;
    let employee = Employee { id: employee_id, name: person.name.to_owned(), role: person.role };
    Ok((user_id, employee))
}

/// Adds the creation of an employee to the audit log.
pub(in crate::access) async fn record_created(
    transaction: &mut Transaction,
    employee: &Employee,
    actor: &Actor,
) -> Result<(), Error> {
    let after = Some(json!({ "name": employee.name, "role": employee.role }));
    AuditedChange { after, ..employee_change("employee.created", employee.id) }
        .record(transaction, actor)
        .await
}

/// Adds the e-mail address to the problem `EMAIL_UNAVAILABLE`. Returns other errors unchanged.
fn add_taken_address(error: Error, email: &Email) -> Error {
    match error.problem() {
        problem if problem.code == ErrorCode::EmailUnavailable => {
            Problem { subject: Some(email.address().to_owned()), ..problem }.into()
        }
        _ => error,
    }
}
