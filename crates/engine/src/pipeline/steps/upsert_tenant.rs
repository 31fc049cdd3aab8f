use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use serde_json::json;

use crate::pipeline::{
    Job, Outbound, StepWork,
    odoo::{Entry, Record, Records},
    settings::Odoo19Settings,
};

pub(super) const MODEL: &str = "vendor.ops.tenant";
const SYNC_STATUS: &str = "bridge_sync_status";

/// Enters the tenant into the Odoo that lists tenants. The reference is the record's id.
#[derive(Debug)]
pub struct UpsertTenant {
    records: Records,
    business_base_url: String,
}

impl UpsertTenant {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Result<Self, reqwest::Error> {
        let business_base_url = settings.business_base_url.clone();
        Ok(Self { records: Records::new(outbound, settings)?, business_base_url })
    }

    fn entry(&self, job: &Job) -> Entry {
        let tenant = &job.tenant;
        let url = format!("{}/{}", self.business_base_url.trim_end_matches('/'), tenant.slug);
        let mut entry = entry(job);
        entry.wanted.extend([
            ("name".into(), tenant.name.as_str().into()),
            ("subdomain".into(), tenant.slug.as_str().into()),
            ("plan".into(), tenant.plan.as_str().into()),
            ("business_base_url".into(), url.into()),
        ]);
        // Whoever synchronises may change it at once: that must not look like a record half written.
        entry.besides.insert(SYNC_STATUS.into(), "pending".into());
        entry
    }
}

#[async_trait]
impl StepWork for UpsertTenant {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let id = self.entry(job).probe(&self.records).await?;
        Ok(id.map(|id| id.to_string()))
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        self.entry(job).put(&self.records).await
    }

    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        entry(job).remove(&self.records).await
    }
}

/// The tenant's record, known by its code, and as ours by the request's id in its notes.
pub(super) fn entry(job: &Job) -> Entry {
    let code = &job.tenant.code;
    Entry {
        model: MODEL,
        label: format!("the tenant {code}"),
        domain: json!([["code", "=", code]]),
        mark: Some(("notes", format!("Tenantry request {}", job.request_id))),
        wanted: Record::from_iter([("code".into(), code.as_str().into())]),
        besides: Record::new(),
    }
}

/// Notes in the tenant's record that everything is in step. Without the step that makes the record
/// there is nothing to note.
///
/// # Errors
/// When the record is gone or another's, or Odoo cannot be asked.
pub(super) async fn mark_synced(records: &Records, job: &Job) -> Result<(), StepFailure> {
    if !job.references.contains_key(&Step::UpsertTenant) {
        return Ok(());
    }
    let ids = entry(job).ids(records).await?;
    if ids.is_empty() {
        return Err(StepFailure::permanent(format!(
            "the tenant {} is not in Odoo any more",
            job.tenant.code
        )));
    }
    let status = Record::from_iter([(SYNC_STATUS.into(), "ok".into())]);
    records.write(MODEL, &ids, &status).await
}
