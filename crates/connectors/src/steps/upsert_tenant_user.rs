use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::Resource;
use serde_json::json;

use super::upsert_tenant::{record_url, tenant_record_identity};
use crate::{
    Outbound, TenantJob, TenantStep,
    odoo::{ManagedRecord, Record, Records},
    settings::Odoo19Settings,
};

pub(super) const MODEL: &str = "vendor.ops.tenant.user";

/// Step 5: creates or updates the owner as a user of the tenant in the registry in Odoo 19. The external
/// reference is the ID of the user record. A user record is ours if it belongs to our tenant record.
#[derive(Debug)]
pub struct UpsertTenantUser {
    records: Records,
    settings: Odoo19Settings,
}

impl UpsertTenantUser {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Self {
        Self { records: Records::new(outbound, settings.clone()), settings }
    }

    /// Returns the ID of the tenant record. Reads the ID again instead of using the stored reference, because
    /// duplicates may have been removed.
    async fn tenant_record_id(&self, job: &TenantJob) -> Result<Option<i64>, StepFailure> {
        let ids = tenant_record_identity(job).require_our_ids(&self.records).await?;
        Ok(ids.first().copied())
    }
}

#[async_trait]
impl TenantStep for UpsertTenantUser {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let Some(tenant) = self.tenant_record_id(job).await? else { return Ok(None) };
        let id = user_record(job, tenant, &self.settings.owner_role).probe(&self.records).await?;
        Ok(id.map(|id| id.to_string()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let Some(tenant) = self.tenant_record_id(job).await? else {
            return Err(StepFailure::permanent(format!(
                "the tenant {} does not exist in Odoo",
                job.tenant.code
            )));
        };
        user_record(job, tenant, &self.settings.owner_role).upsert(&self.records).await
    }

    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        for tenant in tenant_record_identity(job).find_our_ids(&self.records).await? {
            user_record(job, tenant, &self.settings.owner_role).delete(&self.records).await?;
        }
        Ok(())
    }

    fn resource(&self, _job: &TenantJob, reference: &str) -> Option<Resource> {
        Some(Resource { kind: "odoo19_user", url: record_url(&self.settings, MODEL, reference) })
    }
}

/// The user record of the owner. Contains the ID of the admin user in Odoo 18 if step 3 of the job returned
/// this ID.
fn user_record(job: &TenantJob, tenant: i64, role: &str) -> ManagedRecord {
    let email = job.owner.email.as_str();
    let mut values = Record::from_iter([
        ("tenant_id".into(), tenant.into()),
        ("email".into(), email.into()),
        ("name".into(), job.owner.name.as_str().into()),
        ("role".into(), role.into()),
    ]);
    let admin = job.references.get(&Step::SetAdminUser).and_then(|uid| uid.parse::<i64>().ok());
    if let Some(admin) = admin {
        values.insert("odoo18_user_id".into(), admin.into());
        values.insert("odoo18_login".into(), job.owner.email_canonical.as_str().into());
    }
    ManagedRecord {
        model: MODEL,
        label: format!("the user {email} of the tenant {}", job.tenant.code),
        domain: json!([["tenant_id", "=", tenant], ["email", "=", email]]),
        mark: None,
        values,
        initial_values: Record::new(),
    }
}
