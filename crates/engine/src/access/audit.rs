use database::Transaction;
use serde_json::Value;
use uuid::Uuid;

use super::Actor;
use crate::Error;

/// A change for the audit log.
#[derive(Debug)]
pub(crate) struct AuditedChange<'a> {
    /// The action: one of those in `domain::audit`.
    pub action: &'a str,
    /// The kind of the subject: `employee`, `session` or `tenant`.
    pub subject_kind: &'a str,
    pub subject_id: Uuid,
    /// The request whose page lists the change.
    pub request_id: Option<Uuid>,
    /// The values before the change.
    pub before: Option<Value>,
    /// The values after the change.
    pub after: Option<Value>,
}

impl AuditedChange<'_> {
    /// Adds the change to the audit log.
    pub(crate) async fn record(self, transaction: &mut Transaction, actor: &Actor) -> Result<(), Error> {
        sqlx::query!(
            "INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            actor.id(),
            actor.name(),
            self.action,
            self.subject_kind,
            self.subject_id,
            self.request_id,
            self.before,
            self.after
        )
        .execute(transaction)
        .await?;
        Ok(())
    }
}

/// Creates the audited change of an employee, without the values before and after the change.
pub(super) fn employee_change(action: &str, id: Uuid) -> AuditedChange<'_> {
    AuditedChange {
        action,
        subject_kind: "employee",
        subject_id: id,
        request_id: None,
        before: None,
        after: None,
    }
}
