use database::Transaction;
use domain::{Role, email::Email, password::Password};
use uuid::Uuid;

use super::password;
use crate::{Engine, Error};

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

/// Creates an account and its employee.
///
/// # Errors
/// `EMAIL_UNAVAILABLE` if the address has an account; the database's error.
pub async fn create_employee(engine: &Engine, new: NewEmployee<'_>) -> Result<Uuid, Error> {
    let hash = password::hash(engine, new.password).await?;
    let mut transaction = engine.pool().begin().await?;
    let (_, employee_id) = insert_employee(&mut transaction, &new, &hash).await?;
    transaction.commit().await?;
    Ok(employee_id)
}

/// Inserts an account and its employee, and adds an entry to the audit log. Returns the ids of both.
pub(super) async fn insert_employee(
    transaction: &mut Transaction,
    new: &NewEmployee<'_>,
    password_hash: &str,
) -> Result<(Uuid, Uuid), Error> {
    let (user_id, employee_id) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query!(
        "INSERT INTO users (id, email, email_canonical, name, password_hash) VALUES ($1, $2, $3, $4, $5)",
        user_id,
        new.email.address(),
        new.email.canonical(),
        new.name,
        password_hash
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "INSERT INTO employees (id, kind, user_id, name, role) VALUES ($1, 'person', $2, $3, $4)",
        employee_id,
        user_id,
        new.name,
        new.role.as_str()
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "INSERT INTO audit_log (actor_name, action, subject_kind, subject_id, after)
         VALUES ('operator', 'employee.created', 'employee', $1, jsonb_build_object('name', $2::text, 'role', $3::text))",
        employee_id,
        new.name,
        new.role.as_str()
    )
    .execute(&mut *transaction)
    .await?;
    Ok((user_id, employee_id))
}
