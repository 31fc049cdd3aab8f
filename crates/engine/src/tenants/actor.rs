use database::Transaction;
use serde_json::Value;
use uuid::Uuid;

use super::lookup::LockedTenant;
use crate::{Error, access::Employee};

/// Who changes a tenant.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// A signed-in employee, or the service of an admin token.
    Employee(&'a Employee),
    /// A person who runs a command on a machine of the installation.
    Operator,
}

impl Actor<'_> {
    /// Checks that the actor may read and replace the secrets of tenants.
    ///
    /// # Errors
    /// `FORBIDDEN` for an employee who may not provision.
    pub(super) fn authorize(self) -> Result<(), Error> {
        match self {
            Self::Employee(employee) => employee.require_provisioning(),
            Self::Operator => Ok(()),
        }
    }

    fn id(self) -> Option<Uuid> {
        match self {
            Self::Employee(employee) => Some(employee.id),
            Self::Operator => None,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Employee(employee) => &employee.name,
            Self::Operator => "operator",
        }
    }

    /// Adds an entry about a tenant to the audit log.
    pub(super) async fn audit(
        self,
        transaction: &mut Transaction,
        tenant: &LockedTenant,
        action: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), Error> {
        sqlx::query!(
            "INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
             VALUES ($1, $2, $3, 'tenant', $4, $5, $6, $7)",
            self.id(),
            self.name(),
            action,
            tenant.id,
            tenant.request_id,
            before,
            after
        )
        .execute(&mut *transaction)
        .await?;
        Ok(())
    }
}
