//! The entries of imports in the audit log. The entries of an upload are written in the transactions that accept and
//! finish it, so that none is missing or repeated.

use database::Transaction;
use domain::{ErrorCode, import::ImportReport};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Error,
    access::{AuditActor, AuditedChange},
};

/// Records an upload that was accepted, also of a dry run. Its name and its files may contain personal data.
pub(super) async fn record_started(
    transaction: &mut Transaction,
    by: impl Into<AuditActor<'_>>,
    id: Uuid,
    dry_run: bool,
    total: i32,
) -> Result<(), Error> {
    let after = json!({ "dryRun": dry_run, "folders": total });
    change("import.started", Some(id), after).record(transaction, by).await
}

/// Records an import that changed something.
pub(super) async fn record_completed(
    transaction: &mut Transaction,
    by: impl Into<AuditActor<'_>>,
    id: Option<Uuid>,
    report: &ImportReport,
) -> Result<(), Error> {
    // An upload has an entry of its beginning, and so needs one of its end.
    if id.is_none() && report.counts.create + report.counts.activate == 0 {
        return Ok(());
    }
    change("import.completed", id, serde_json::to_value(report.counts)?).record(transaction, by).await
}

/// Records an import that could not be finished. Some of its tenants may exist.
pub(super) async fn record_failed(
    transaction: &mut Transaction,
    by: impl Into<AuditActor<'_>>,
    id: Option<Uuid>,
    code: ErrorCode,
) -> Result<(), Error> {
    change("import.failed", id, json!({ "code": code })).record(transaction, by).await
}

fn change(action: &str, id: Option<Uuid>, after: Value) -> AuditedChange<'_> {
    AuditedChange {
        action,
        subject_kind: "import",
        subject_id: id,
        request_id: None,
        before: None,
        after: Some(after),
    }
}
