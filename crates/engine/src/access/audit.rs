use database::Transaction;
use serde_json::Value;
use uuid::Uuid;

use super::{Actor, client_address::client_address};
use crate::Error;

/// The person who made a change, as the audit log names them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuditActor<'a> {
    /// `None` for the operator, who has no account.
    pub id: Option<Uuid>,
    pub name: &'a str,
}

impl<'a> From<&'a Actor> for AuditActor<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self { id: actor.id(), name: actor.name() }
    }
}

/// A change for the audit log. All entries that the engine adds are written here; those of provisioning and
/// of the job runner are written by their SQL functions.
#[derive(Debug)]
pub(crate) struct AuditedChange<'a> {
    /// The action: one of those in `domain::audit`.
    pub action: &'a str,
    /// The kind of the subject: `account`, `connector`, `employee`, `session` or `tenant`.
    pub subject_kind: &'a str,
    /// `None` for a connector.
    pub subject_id: Option<Uuid>,
    /// The request whose page lists the change.
    pub request_id: Option<Uuid>,
    /// The values before the change.
    pub before: Option<Value>,
    /// The values after the change.
    pub after: Option<Value>,
}

impl AuditedChange<'_> {
    /// Adds the change to the audit log, with the address of the client whose call is running.
    pub(crate) async fn record(
        self,
        transaction: &mut Transaction,
        actor: impl Into<AuditActor<'_>>,
    ) -> Result<(), Error> {
        let (actor, client_address) = (actor.into(), client_address());
        sqlx::query!(
            "INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, before, after,
                 client_address)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            actor.id,
            actor.name,
            self.action,
            self.subject_kind,
            self.subject_id,
            self.request_id,
            self.before,
            self.after,
            client_address.as_deref()
        )
        .execute(transaction)
        .await?;
        Ok(())
    }
}

/// Creates the audited change of an employee, without the values before and after the change.
pub(super) fn employee_change(action: &str, id: Uuid) -> AuditedChange<'_> {
    change(action, "employee", Some(id))
}

/// Creates the audited change of an account, without the values before and after the change.
pub(super) fn account_change(action: &str, id: Uuid) -> AuditedChange<'_> {
    change(action, "account", Some(id))
}

/// Creates the audited change of a tenant, without a request, and without the values before and after the
/// change.
pub(crate) fn tenant_change(action: &str, id: Uuid) -> AuditedChange<'_> {
    change(action, "tenant", Some(id))
}

/// Creates the audited change of a connector, without the values before and after the change.
pub(crate) fn connector_change(action: &str) -> AuditedChange<'_> {
    change(action, "connector", None)
}

fn change<'a>(action: &'a str, subject_kind: &'a str, subject_id: Option<Uuid>) -> AuditedChange<'a> {
    AuditedChange { action, subject_kind, subject_id, request_id: None, before: None, after: None }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// The files below `directory` that contain the statement with which entries are added.
    fn writers(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| match path.is_dir() {
                true => writers(&path),
                false => {
                    let statement = concat!("INTO ", "audit_log");
                    let writes = fs::read_to_string(&path).unwrap().contains(statement);
                    writes.then(|| path.display().to_string()).into_iter().collect()
                }
            })
            .collect()
    }

    #[test]
    fn the_audit_log_has_one_writer() {
        let crates = Path::new("..");
        for name in ["engine", "jobs", "connectors", "database"] {
            let expected = if name == "engine" { &["audit.rs"][..] } else { &[] };
            let found = writers(&crates.join(name).join("src"));
            let names: Vec<_> = found.iter().filter_map(|path| path.rsplit('/').next()).collect();
            assert_eq!(names, expected, "{found:?}");
        }
    }
}
