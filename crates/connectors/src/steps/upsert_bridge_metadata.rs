use async_trait::async_trait;
use domain::jobs::StepFailure;
use jobs::Resource;
use serde_json::{Value, json};

use super::managed_collection::{Lookup, ManagedCollection};
use crate::{Outbound, TenantJob, TenantStep, settings::BridgeSettings};

/// Step 6: `PUT {url}/tenants/{code}` with the metadata of the tenant. The record contains the ID of the
/// provisioning request, which distinguishes our record from others.
#[derive(Debug)]
pub struct UpsertBridgeMetadata {
    tenants: ManagedCollection,
}

impl UpsertBridgeMetadata {
    /// Creates the step.
    pub fn new(outbound: Outbound, settings: BridgeSettings) -> Self {
        let BridgeSettings { url, token } = settings;
        Self { tenants: ManagedCollection { outbound, url, token, name: "tenants" } }
    }
}

#[async_trait]
impl TenantStep for UpsertBridgeMetadata {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let code = &job.tenant.code;
        match self.tenants.find(code, job.request_id).await? {
            Lookup::Missing => Ok(None),
            Lookup::Foreign => Err(StepFailure::permanent(format!(
                "{code} exists in the bridge but belongs to another request"
            ))),
            Lookup::Ours(record) => Ok(includes(&record, &metadata(job)).then(|| code.clone())),
        }
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        self.tenants.put(&job.tenant.code, &metadata(job)).await?;
        Ok(())
    }

    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        match self.tenants.find(&job.tenant.code, job.request_id).await? {
            Lookup::Missing | Lookup::Foreign => Ok(()),
            Lookup::Ours(_) => self.tenants.delete(&job.tenant.code).await,
        }
    }

    fn resource(&self, _job: &TenantJob, reference: &str) -> Option<Resource> {
        Some(Resource { kind: "bridge_entry", url: self.tenants.url_of(reference) })
    }
}

/// The record that the bridge stores.
pub(super) fn metadata(job: &TenantJob) -> Value {
    json!({
        "code": job.tenant.code,
        "slug": job.tenant.slug,
        "name": job.tenant.name,
        "plan": job.tenant.plan,
        "owner": { "name": job.owner.name, "email": job.owner.email },
        "database": job.database(),
        "requestId": job.request_id,
    })
}

/// Whether a record has all expected values. Further fields are ignored.
pub(super) fn includes(record: &Value, expected: &Value) -> bool {
    match expected {
        Value::Object(fields) => fields
            .iter()
            .all(|(name, expected)| record.get(name).is_some_and(|value| includes(value, expected))),
        _ => record == expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_may_have_further_fields_but_must_have_all_expected_ones() {
        let expected = json!({"code": "TEN-1", "owner": {"name": "Ann"}});
        let complete = json!({"code": "TEN-1", "owner": {"name": "Ann", "id": 7}, "since": 2026});
        assert!(includes(&complete, &expected));
        assert!(!includes(&json!({"code": "TEN-1", "owner": {"name": "Bob"}}), &expected));
        assert!(!includes(&json!({"code": "TEN-1"}), &expected));
    }
}
