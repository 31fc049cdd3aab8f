use domain::audit::{AuditRecord, AuditSubject};
use serde_json::json;

use super::{CREATED, id};

pub(crate) fn audit_entry() -> AuditRecord {
    AuditRecord {
        id: 48_213,
        at: CREATED,
        actor_id: Some(id(6)),
        actor_name: "Ada Park".into(),
        client_address: Some("203.0.113.7".into()),
        action: "tenant.suspended".into(),
        subject: AuditSubject {
            kind: "tenant".into(),
            id: Some(id(2)),
            name: Some("Golden Spoon".into()),
            code: Some("TEN-00000012".into()),
        },
        request_id: Some(id(1)),
        before: Some(json!({ "status": "active" })),
        after: Some(json!({ "status": "suspended", "reason": "Invoice 874 is overdue" })),
        position: Some(48_213),
        chain_hash: Some("07be1c2d".repeat(8)),
    }
}
