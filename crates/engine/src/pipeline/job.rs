use std::collections::HashMap;

use domain::pipeline::Step;
use serde::Deserialize;
use uuid::Uuid;

/// What a step knows of the tenant it works for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub id: Uuid,
    pub request_id: Uuid,
    /// The blueprint's name.
    pub blueprint: String,
    pub tenant: JobTenant,
    pub owner: JobOwner,
    /// What earlier steps' effects are called outside.
    pub references: HashMap<Step, String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct JobTenant {
    pub id: Uuid,
    /// Such as `TEN-00000012`.
    pub code: String,
    pub slug: String,
    pub name: String,
    pub plan: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct JobOwner {
    pub name: String,
    pub email: String,
}

impl Job {
    /// The name of the tenant's own database, such as `ten-00000012` (SPEC section 4).
    pub fn database(&self) -> String {
        self.tenant.code.to_ascii_lowercase()
    }
}
