//! The job as its steps receive it.

use std::collections::HashMap;

use domain::jobs::StepName;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// A job as its steps receive it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// The ID of the job.
    pub id: Uuid,
    /// The kind of work, such as `provisioning`. Shown in the log and to admins.
    pub kind: String,
    /// The provisioning request that the job belongs to, if any.
    pub request_id: Option<Uuid>,
    /// The external references that finished steps returned, by step.
    pub references: HashMap<StepName, String>,
    /// The result of `job_context` for the job. Only steps read it.
    pub context: Value,
}
