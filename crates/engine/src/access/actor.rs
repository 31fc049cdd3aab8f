use database::Transaction;
use domain::{ErrorCode, Role};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::Employee;
use crate::{Engine, Error};

/// The operator, the employee or the maintenance that makes a change. The audit log names the actor of every
/// change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The person who runs the command line on the server, who may do everything.
    Operator,
    /// An employee, with the limits of the role.
    Employee(Employee),
    /// The periodic maintenance, which may do everything.
    Maintenance,
}

impl Actor {
    /// The ID in the audit log. `None` for the operator and the maintenance, which have no account.
    pub(crate) fn id(&self) -> Option<Uuid> {
        match self {
            Self::Operator | Self::Maintenance => None,
            Self::Employee(employee) => Some(employee.id),
        }
    }

    /// The name in the audit log.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Operator => "operator",
            Self::Employee(employee) => &employee.name,
            Self::Maintenance => "maintenance",
        }
    }

    fn may_manage_access(&self) -> bool {
        match self {
            Self::Operator | Self::Maintenance => true,
            Self::Employee(employee) => employee.role.may_manage_access(),
        }
    }

    /// Checks that the actor may provision tenants, and replace their secrets.
    ///
    /// # Errors
    /// `FORBIDDEN` for an employee whose role does not allow it.
    pub(crate) fn require_provisioning(&self) -> Result<(), Error> {
        match self {
            Self::Operator | Self::Maintenance => Ok(()),
            Self::Employee(employee) => employee.require_provisioning(),
        }
    }

    /// Checks that the actor may manage employees.
    ///
    /// # Errors
    /// `FORBIDDEN` unless the actor is a SUPER_ADMIN or the operator.
    pub(crate) fn require_access_management(&self) -> Result<(), Error> {
        if self.may_manage_access() { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
    }

    /// Checks that the actor may see the employees.
    ///
    /// # Errors
    /// `FORBIDDEN` for a VIEWER.
    pub(super) fn require_sight_of_employees(&self) -> Result<(), Error> {
        match self {
            Self::Employee(employee) if !employee.role.may_see_employees() => {
                Err(ErrorCode::Forbidden.into())
            }
            _ => Ok(()),
        }
    }

    /// Checks that the actor may assign a role.
    ///
    /// # Errors
    /// `FORBIDDEN` if the role is higher than the actor's own role.
    pub(super) fn require_may_assign(&self, role: Role) -> Result<(), Error> {
        match self {
            Self::Employee(employee) if !employee.role.may_assign(role) => Err(ErrorCode::Forbidden.into()),
            _ => Ok(()),
        }
    }

    /// The actor's own ID if the actor may manage only their own tokens and sessions. `None` if the actor may
    /// manage those of all employees.
    pub(super) fn own_id(&self) -> Option<Uuid> {
        if self.may_manage_access() { None } else { self.id() }
    }

    /// Begins a transaction that changes access rights. Such transactions run one at a time. Each of them
    /// reads the actor's role again, so an employee who was just disabled or demoted cannot use the former
    /// role. Returns the transaction and the actor with the current role.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if the actor is no longer an active employee; the database's error.
    pub(super) async fn begin_change(&self, engine: &Engine) -> Result<(Transaction, Self), Error> {
        let mut transaction = engine.pool().begin().await?;
        lock_access(&mut transaction).await?;
        let actor = self.reread(&mut transaction).await?;
        Ok((transaction, actor))
    }

    /// Reads the role of the actor again.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if the actor is no longer an active employee; the database's error.
    pub(crate) async fn reread(&self, executor: impl PgExecutor<'_>) -> Result<Self, Error> {
        match self {
            Self::Operator => Ok(Self::Operator),
            Self::Maintenance => Ok(Self::Maintenance),
            Self::Employee(employee) => {
                Ok(Self::Employee(find_active_employee(executor, employee.id).await?))
            }
        }
    }
}

impl From<Employee> for Actor {
    fn from(employee: Employee) -> Self {
        Self::Employee(employee)
    }
}

/// Serialises all transactions that change access rights. The trigger `employees_last_super_admin`
/// uses the same lock.
pub(crate) async fn lock_access(executor: impl PgExecutor<'_>) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(7303)").fetch_one(executor).await?;
    Ok(())
}

/// Returns an employee who may act.
///
/// # Errors
/// `UNAUTHENTICATED` if there is no such active employee; the database's error.
pub(crate) async fn find_active_employee(executor: impl PgExecutor<'_>, id: Uuid) -> Result<Employee, Error> {
    let row = sqlx::query!("SELECT id, name, role FROM employees WHERE id = $1 AND status = 'active'", id)
        .fetch_optional(executor)
        .await?
        .ok_or(ErrorCode::Unauthenticated)?;
    Employee::from_row(row.id, row.name, &row.role)
}
