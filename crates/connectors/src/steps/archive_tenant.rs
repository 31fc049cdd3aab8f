use async_trait::async_trait;
use domain::jobs::StepFailure;
use serde_json::{Value, json};

use super::{
    upsert_tenant::{MODEL, NOTES, business_url, mark, tenant_record_identity},
    upsert_tenant_user::MODEL as USER_MODEL,
};
use crate::{
    Outbound, TenantJob, TenantStep,
    odoo::{ManagedRecord, Record, Records},
    settings::Odoo19Settings,
};

/// Odoo's field that archives a record if it is false. Not every model has it.
const ACTIVE: &str = "active";

/// The step of a purge for the tenant's record in Odoo 19: archives the record without personal data. It
/// keeps the tenant code, the plan and our mark. If the model cannot archive records, deletes the record.
#[derive(Debug)]
pub struct ArchiveTenant {
    records: Records,
    settings: Odoo19Settings,
}

/// The step of a purge for the records of the tenant's users in Odoo 19: archives each record without
/// personal data. If the model cannot archive records, deletes them.
#[derive(Debug)]
pub struct ArchiveTenantUsers {
    records: Records,
}

impl ArchiveTenant {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Self {
        Self { records: Records::new(outbound, settings.clone()), settings }
    }
}

impl ArchiveTenantUsers {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Self {
        Self { records: Records::new(outbound, settings) }
    }
}

/// Our record of the tenant, also if it is archived.
async fn tenant_record(records: &Records, job: &TenantJob) -> Result<(ManagedRecord, bool), StepFailure> {
    let mut identity = tenant_record_identity(job);
    let can_archive = records.has_field(MODEL, ACTIVE).await?;
    if can_archive {
        identity.domain = with_archived(identity.domain);
    }
    Ok((identity, can_archive))
}

/// Adds to a search filter that archived records are selected too.
fn with_archived(mut domain: Value) -> Value {
    if let Some(terms) = domain.as_array_mut() {
        terms.push(json!([ACTIVE, "in", [true, false]]));
    }
    domain
}

#[async_trait]
impl TenantStep for ArchiveTenant {
    /// Archives the record, because writing the same values again has no effect.
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let (identity, can_archive) = tenant_record(&self.records, job).await?;
        if !can_archive {
            identity.delete(&self.records).await?;
            return Ok(Some("deleted".to_owned()));
        }
        let ids = identity.find_our_ids(&self.records).await?;
        if !ids.is_empty() {
            let values = Record::from_iter([
                (ACTIVE.into(), false.into()),
                ("name".into(), job.tenant.code.as_str().into()),
                ("subdomain".into(), job.database().into()),
                ("business_base_url".into(), business_url(&self.settings, &job.database()).into()),
                (NOTES.into(), mark(job).into()),
            ]);
            self.records.write(MODEL, &ids, &values).await?;
        }
        Ok(Some("archived".to_owned()))
    }

    async fn act(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }

    /// A purge is never rolled back.
    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}

#[async_trait]
impl TenantStep for ArchiveTenantUsers {
    /// Archives the records, because writing the same values again has no effect.
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let (identity, _) = tenant_record(&self.records, job).await?;
        let can_archive = self.records.has_field(USER_MODEL, ACTIVE).await?;
        for tenant in identity.find_our_ids(&self.records).await? {
            // Every user, because the tenant may have had other owners.
            let domain = json!([["tenant_id", "=", tenant]]);
            let domain = if can_archive { with_archived(domain) } else { domain };
            let ids = self.records.find_ids(USER_MODEL, &domain).await?;
            if can_archive {
                for id in ids {
                    self.records.write(USER_MODEL, &[id], &archived_user(job, id)).await?;
                }
            } else if !ids.is_empty() {
                self.records.unlink(USER_MODEL, &ids).await?;
            }
        }
        Ok(Some(if can_archive { "archived" } else { "deleted" }.to_owned()))
    }

    async fn act(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }

    /// A purge is never rolled back.
    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}

/// The values of an archived user. The address, which is unique within the tenant, is in a domain that never
/// exists (RFC 2606).
fn archived_user(job: &TenantJob, id: i64) -> Record {
    let address = format!("user-{id}@{}.invalid", job.database());
    Record::from_iter([
        (ACTIVE.into(), false.into()),
        ("name".into(), format!("User {id}").into()),
        ("odoo18_login".into(), address.as_str().into()),
        ("email".into(), address.into()),
    ])
}
