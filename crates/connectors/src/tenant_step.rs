//! Steps of jobs that belong to a tenant: the typed context of the job, and the adapter to the runner.

use std::{collections::HashMap, fmt, time::Duration};

use async_trait::async_trait;
use domain::{TenantStatus, jobs::StepFailure, pipeline::Step};
use jobs::{Job, Resource, StepWork};
use serde::Deserialize;
use uuid::Uuid;

/// A job of a tenant as its steps receive it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantJob {
    /// The ID of the job.
    pub id: Uuid,
    /// The provisioning request. Its ID marks the effects of the job.
    pub request_id: Uuid,
    /// The name of the tenant's blueprint.
    pub blueprint: String,
    /// The tenant.
    pub tenant: JobTenant,
    /// The owner of the tenant.
    pub owner: JobOwner,
    /// The external references that finished steps returned.
    pub references: HashMap<Step, String>,
}

/// The tenant of a job.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobTenant {
    /// The provisioning request that created the tenant. A server of version 0.2 does not send it.
    #[serde(default)]
    pub request_id: Option<Uuid>,
    /// The ID of the tenant.
    pub id: Uuid,
    /// The tenant code, such as `TEN-00000012`.
    pub code: String,
    /// The slug.
    pub slug: String,
    /// The name of the organisation.
    pub name: String,
    /// The name of the plan, such as `lite`.
    pub plan: String,
    /// The industry, if it is known.
    pub industry: Option<String>,
    /// The status of the tenant when the step began. A server of version 0.2 does not send it.
    #[serde(default)]
    pub status: Option<TenantStatus>,
}

/// The owner of the tenant of a job.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobOwner {
    /// The name of the owner.
    pub name: String,
    /// The owner's e-mail address as it was entered.
    pub email: String,
    /// The canonical form of the address: the owner's login in Odoo, which distinguishes capital letters.
    pub email_canonical: String,
}

/// The result of the SQL function `job_context` for a job that belongs to a tenant.
#[derive(Deserialize)]
struct Context {
    blueprint: String,
    tenant: JobTenant,
    owner: JobOwner,
}

impl TenantJob {
    /// The name of the tenant's database, such as `ten-00000012`.
    pub fn database(&self) -> String {
        self.tenant.code.to_ascii_lowercase()
    }

    /// The status of the tenant when the step began.
    ///
    /// # Errors
    /// A transient failure if the status is unknown.
    pub(crate) fn status(&self) -> Result<TenantStatus, StepFailure> {
        self.tenant.status.ok_or_else(|| StepFailure::transient("the status of the tenant is unknown"))
    }

    /// Whether this step of the job that created the tenant has succeeded, so that its effect must exist.
    pub(crate) fn has_effect_of(&self, step: Step) -> bool {
        self.references.contains_key(&step)
    }
}

impl TryFrom<&Job> for TenantJob {
    type Error = StepFailure;

    /// Reads the context of a job.
    ///
    /// # Errors
    /// A permanent failure if the job has no provisioning request or its context is incomplete.
    fn try_from(job: &Job) -> Result<Self, StepFailure> {
        let Context { blueprint, tenant, owner } = Context::deserialize(&job.context).map_err(|error| {
            StepFailure::permanent(format!("the context of the job cannot be read: {error}"))
        })?;
        let request_id = job.request_id.or(tenant.request_id);
        let request_id =
            request_id.ok_or_else(|| StepFailure::permanent("the job has no provisioning request"))?;
        let references = job
            .references
            .iter()
            .filter_map(|(name, reference)| Some((Step::from_text(name.as_str())?, reference.clone())))
            .collect();
        Ok(Self { id: job.id, request_id, blueprint, tenant, owner, references })
    }
}

/// A step of a job that belongs to a tenant. Its functions follow the contract of [`StepWork`].
#[async_trait]
pub trait TenantStep: fmt::Debug + Send + Sync {
    /// See [`StepWork::probe`].
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure>;

    /// See [`StepWork::act`].
    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure>;

    /// See [`StepWork::compensate`].
    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure>;

    /// See [`StepWork::discard`].
    async fn discard(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }

    /// See [`StepWork::resource`].
    fn resource(&self, _job: &TenantJob, _reference: &str) -> Option<Resource> {
        None
    }

    /// See [`StepWork::timeout`].
    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }
}

/// Adapts a [`TenantStep`] to the job runner: reads the context of the job before each call.
#[derive(Debug)]
pub struct TenantStepAdapter<S>(pub S);

#[async_trait]
impl<S: TenantStep> StepWork for TenantStepAdapter<S> {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        self.0.probe(&job.try_into()?).await
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        self.0.act(&job.try_into()?).await
    }

    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        self.0.compensate(&job.try_into()?).await
    }

    async fn discard(&self, job: &Job) -> Result<(), StepFailure> {
        self.0.discard(&job.try_into()?).await
    }

    fn resource(&self, job: &Job, reference: &str) -> Option<Resource> {
        self.0.resource(&TenantJob::try_from(job).ok()?, reference)
    }

    fn timeout(&self) -> Duration {
        self.0.timeout()
    }
}

#[cfg(test)]
mod tests {
    use domain::jobs::FailureKind;
    use serde_json::json;

    use super::*;

    fn job(context: serde_json::Value) -> Job {
        let references = HashMap::from([(Step::CopyDatabase.into(), "ten-00000012".to_owned())]);
        Job {
            id: Uuid::now_v7(),
            kind: "provisioning".into(),
            request_id: Some(Uuid::now_v7()),
            references,
            context,
        }
    }

    #[test]
    fn the_context_becomes_a_tenant_and_an_owner() {
        let job = job(json!({
            "blueprint": "standard",
            "tenant": {
                "id": Uuid::now_v7(), "code": "TEN-00000012", "slug": "golden-spoon",
                "name": "Golden Spoon", "plan": "lite",
            },
            "owner": {"name": "Ann", "email": "Ann@example.com", "emailCanonical": "ann@example.com"},
        }));
        let tenant_job = TenantJob::try_from(&job).unwrap();
        assert_eq!(tenant_job.database(), "ten-00000012");
        assert_eq!(tenant_job.owner.name, "Ann");
        assert_eq!(tenant_job.references[&Step::CopyDatabase], "ten-00000012");
    }

    #[test]
    fn an_incomplete_context_is_a_permanent_failure() {
        for context in [json!({}), json!({"blueprint": "standard", "tenant": null, "owner": null})] {
            assert_eq!(TenantJob::try_from(&job(context)).unwrap_err().kind, FailureKind::Permanent);
        }
    }
}
