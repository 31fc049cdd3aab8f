use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::Resource;
use serde_json::json;

use crate::{
    Outbound, TenantJob, TenantStep,
    odoo::{ManagedRecord, Record, Records, web_client},
    settings::Odoo19Settings,
};

pub(super) const MODEL: &str = "vendor.ops.tenant";
pub(super) const SYNC_STATUS: &str = "bridge_sync_status";
pub(super) const NOTES: &str = "notes";

/// Step 4: creates or updates the tenant in the tenant registry in Odoo 19. The external reference is the ID
/// of the record.
#[derive(Debug)]
pub struct UpsertTenant {
    records: Records,
    settings: Odoo19Settings,
}

impl UpsertTenant {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Self {
        Self { records: Records::new(outbound, settings.clone()), settings }
    }

    /// The record with all of its values.
    fn full_record(&self, job: &TenantJob) -> ManagedRecord {
        let tenant = &job.tenant;
        let url = business_url(&self.settings, &tenant.slug);
        let mut record = tenant_record_identity(job);
        record.values.extend([
            ("name".into(), tenant.name.as_str().into()),
            ("subdomain".into(), tenant.slug.as_str().into()),
            ("plan".into(), self.settings.plan_value(&tenant.plan).into()),
            ("business_base_url".into(), url.into()),
        ]);
        // The last step, or a synchronisation with the bridge, may change `bridge_sync_status`, so this field
        // is not one of the required values.
        record.initial_values.insert(SYNC_STATUS.into(), "pending".into());
        let mut notes = format!("{}\nOwner: {}", mark(job), job.owner.email);
        if let Some(industry) = &tenant.industry {
            notes.push_str(&format!("\nIndustry: {industry}"));
        }
        record.initial_values.insert(NOTES.into(), notes.into());
        record
    }
}

#[async_trait]
impl TenantStep for UpsertTenant {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let id = self.full_record(job).probe(&self.records).await?;
        Ok(id.map(|id| id.to_string()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        self.full_record(job).upsert(&self.records).await
    }

    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        tenant_record_identity(job).delete(&self.records).await
    }

    fn resource(&self, _job: &TenantJob, reference: &str) -> Option<Resource> {
        Some(Resource { kind: "odoo19_tenant", url: record_url(&self.settings, MODEL, reference) })
    }
}

/// The value of the field `business_base_url`, which ends with the name of the tenant.
pub(super) fn business_url(settings: &Odoo19Settings, name: &str) -> String {
    format!("{}/{name}", settings.business_base_url.as_str().trim_end_matches('/'))
}

/// The address of a record in the registry in Odoo 19.
pub(super) fn record_url(settings: &Odoo19Settings, model: &str, id: &str) -> Option<String> {
    let mut url = web_client(&settings.url)?;
    url.set_fragment(Some(&format!("id={id}&model={model}&view_type=form")));
    Some(url.into())
}

/// The tenant's record with only its tenant code and mark. Enough to find or delete the record. The tenant
/// code selects the record. The mark is in the notes, and contains the ID of the provisioning request.
pub(super) fn tenant_record_identity(job: &TenantJob) -> ManagedRecord {
    let code = &job.tenant.code;
    ManagedRecord {
        model: MODEL,
        label: format!("the tenant {code}"),
        domain: json!([["code", "=", code]]),
        mark: Some((NOTES, mark(job))),
        values: Record::from_iter([("code".into(), code.as_str().into())]),
        initial_values: Record::new(),
    }
}

/// The mark of the tenant's record, which is a part of its notes.
pub(super) fn mark(job: &TenantJob) -> String {
    format!("Tenantry request {}", job.request_id)
}

/// Sets the sync status of the tenant to `ok`. Does nothing if the job did not create the record.
///
/// # Errors
/// A permanent failure if the record is missing, or if a record without our mark has the same code. A failure
/// if Odoo refuses the call or cannot be reached.
pub(super) async fn set_sync_status(records: &Records, job: &TenantJob) -> Result<(), StepFailure> {
    if !job.references.contains_key(&Step::UpsertTenant) {
        return Ok(());
    }
    let ids = tenant_record_identity(job).require_our_ids(records).await?;
    if ids.is_empty() {
        return Err(StepFailure::permanent(format!(
            "the tenant {} no longer exists in Odoo",
            job.tenant.code
        )));
    }
    let status = Record::from_iter([(SYNC_STATUS.into(), "ok".into())]);
    records.write(MODEL, &ids, &status).await
}
