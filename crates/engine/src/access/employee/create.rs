use database::Transaction;
use domain::{
    ErrorCode, Problem, Role,
    access::{EmployeeStatus, EmployeeSummary},
    email::Email,
    idempotency_key::IdempotencyKey,
    password::Password,
};
use serde_json::json;
use uuid::Uuid;

use super::list::find_employee;
use crate::{
    Engine, Error,
    access::{
        Actor, Employee,
        audit::{AuditedChange, employee_change},
        creation::{CreationOutcome, KeyedCall},
        password,
        setup_link::{SetupLinkToken, issue_setup_link},
    },
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

/// A new employee who has not chosen a password yet, and the setup link to choose one.
#[derive(Debug)]
pub struct InvitedEmployee {
    /// The employee.
    pub employee: EmployeeSummary,
    /// The token of the link. The caller shows it once, because only its hash is stored.
    pub link: SetupLinkToken,
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

/// Creates an employee without a password, and the setup link with which the person chooses one.
///
/// # Errors
/// `FORBIDDEN`; `EMAIL_UNAVAILABLE` if the address has an account; the database's error.
pub async fn invite_employee(
    engine: &Engine,
    actor: &Actor,
    name: &str,
    email: &Email,
    role: Role,
) -> Result<InvitedEmployee, Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    actor.require_may_assign(role)?;
    let invited = invite(&mut transaction, &actor, name, email, role).await?;
    transaction.commit().await?;
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
    name: &str,
    email: &Email,
    role: Role,
    key: &IdempotencyKey,
) -> Result<CreationOutcome<InvitedEmployee, EmployeeSummary>, Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    actor.require_may_assign(role)?;
    let body = json!({ "kind": "employee", "name": name, "email": email.address(), "role": role });
    let call = KeyedCall::new(engine, key, &body);
    let outcome = match call.find_created(&mut transaction).await? {
        Some(id) => CreationOutcome::Replayed(find_employee(&mut transaction, id).await?.0),
        None => {
            let invited = invite(&mut transaction, &actor, name, email, role).await?;
            call.store_created(&mut transaction, invited.employee.id).await?;
            CreationOutcome::Created(invited)
        }
    };
    transaction.commit().await?;
    Ok(outcome)
}

async fn invite(
    transaction: &mut Transaction,
    actor: &Actor,
    name: &str,
    email: &Email,
    role: Role,
) -> Result<InvitedEmployee, Error> {
    let person = Person { name, email, role, password_hash: None };
    let (user_id, employee) = insert_employee(transaction, &person).await?;
    record_created(transaction, &employee, actor).await?;
    let link = issue_setup_link(transaction, user_id).await?;
    let (employee, _) = find_employee(transaction, employee.id).await?;
    Ok(InvitedEmployee { employee, link })
}

/// Replaces the setup link of an employee who has not chosen a password yet.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` if the employee has a password or is disabled.
pub async fn renew_setup_link(engine: &Engine, actor: &Actor, id: Uuid) -> Result<InvitedEmployee, Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    let (employee, user_id) = find_employee(&mut transaction, id).await?;
    if employee.has_password || employee.status != EmployeeStatus::Active {
        return Err(ErrorCode::InvalidTransition.into());
    }
    let link = issue_setup_link(&mut transaction, user_id).await?;
    employee_change("employee.setup_link_issued", id).record(&mut transaction, &actor).await?;
    transaction.commit().await?;
    Ok(InvitedEmployee { employee, link })
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
