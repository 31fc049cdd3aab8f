use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Timestamp;

/// An entry of the audit log: who changed what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// The ID of the entry.
    pub id: i64,
    /// When it was recorded.
    pub at: Timestamp,
    /// The employee, account or API key that made the change; null for the operator and for Tenantry itself.
    pub actor_id: Option<Uuid>,
    /// The name of the actor at that time.
    pub actor_name: String,
    /// The network address of the actor's client, if it is known.
    pub client_address: Option<String>,
    /// The action, such as `tenant.suspended`.
    pub action: String,
    /// What was changed.
    pub subject: AuditSubject,
    /// The provisioning request that the change belongs to.
    pub request_id: Option<Uuid>,
    /// The values before the change. Erased values are null.
    pub before: Option<Value>,
    /// The values after the change. Erased values are null.
    pub after: Option<Value>,
    /// The position in the audit chain; null for an entry that is not in the chain yet.
    pub position: Option<i64>,
    /// The hash of that position, in hexadecimal digits.
    pub chain_hash: Option<String>,
}

/// What a change concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditSubject {
    /// The kind, such as `tenant` or `employee`.
    pub kind: String,
    /// The ID of the subject.
    pub id: Option<Uuid>,
    /// The current name of a tenant, employee or account.
    pub name: Option<String>,
    /// The code of a tenant.
    pub code: Option<String>,
}
