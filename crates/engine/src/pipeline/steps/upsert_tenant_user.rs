use async_trait::async_trait;
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use serde_json::json;

use super::upsert_tenant;
use crate::pipeline::{
    Job, Outbound, StepWork,
    odoo::{Entry, Record, Records},
    settings::Odoo19Settings,
};

/// Enters the owner as a user of the tenant's record. The reference is the user record's id.
///
/// A user is ours when the tenant is: it is looked for below our record alone.
#[derive(Debug)]
pub struct UpsertTenantUser {
    records: Records,
}

impl UpsertTenantUser {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Result<Self, reqwest::Error> {
        Ok(Self { records: Records::new(outbound, settings)? })
    }

    /// The tenant's record, by its code and mark: of doubles the one that was kept, which may not be
    /// the one that was noted.
    async fn tenant(&self, job: &Job) -> Result<Option<i64>, StepFailure> {
        let ids = upsert_tenant::entry(job).ids(&self.records).await?;
        Ok(ids.first().copied())
    }
}

#[async_trait]
impl StepWork for UpsertTenantUser {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let Some(tenant) = self.tenant(job).await? else { return Ok(None) };
        let id = entry(job, tenant).probe(&self.records).await?;
        Ok(id.map(|id| id.to_string()))
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let Some(tenant) = self.tenant(job).await? else {
            return Err(StepFailure::permanent(format!("the tenant {} is not in Odoo", job.tenant.code)));
        };
        entry(job, tenant).put(&self.records).await
    }

    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        for tenant in upsert_tenant::entry(job).marked(&self.records).await? {
            entry(job, tenant).remove(&self.records).await?;
        }
        Ok(())
    }
}

/// The owner's record below the tenant's. Who they are in the tenant's own Odoo is entered where that
/// is known.
fn entry(job: &Job, tenant: i64) -> Entry {
    let email = job.owner.email.as_str();
    let mut wanted = Record::from_iter([
        ("tenant_id".into(), tenant.into()),
        ("email".into(), email.into()),
        ("name".into(), job.owner.name.as_str().into()),
        ("role".into(), "owner".into()),
    ]);
    let admin = job.references.get(&Step::SetAdminUser).and_then(|uid| uid.parse::<i64>().ok());
    if let Some(admin) = admin {
        wanted.insert("odoo18_user_id".into(), admin.into());
        wanted.insert("odoo18_login".into(), email.into());
    }
    Entry {
        model: "vendor.ops.tenant.user",
        label: format!("the user {email} of the tenant {}", job.tenant.code),
        domain: json!([["tenant_id", "=", tenant], ["email", "=", email]]),
        mark: None,
        wanted,
        besides: Record::new(),
    }
}
