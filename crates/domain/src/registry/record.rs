use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Role, StepState, TenantStatus, Timestamp,
    branding::TenantBranding,
    catalog::{Package, Segment},
    custom_domain::TenantDomain,
    defaults::Commission,
    invitation::InvitationStatus,
    mail::MailRecord,
    plan::{QuotaOverrides, Quotas},
    settings::TenantSettings,
    usage::Usage,
};

/// A tenant with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantRecord {
    /// The ID of the tenant.
    pub id: Uuid,
    /// The tenant code.
    pub code: String,
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
    /// A short form of the name.
    pub short_name: Option<String>,
    /// The status.
    pub status: TenantStatus,
    /// Whether the tenant comes from a sign-up that waits for the approval of an admin.
    pub awaits_approval: bool,
    /// The name of the plan.
    pub plan: String,
    /// The limits in effect: those of the plan, unless the tenant has its own.
    pub quotas: Quotas,
    /// The limits that the tenant has instead of those of its plan.
    pub quota_overrides: QuotaOverrides,
    /// The features that the tenant has, or lacks, unlike its plan. Pages do not read them, which keeps the
    /// page of a tenant small.
    #[cfg_attr(target_arch = "wasm32", serde(skip))]
    pub feature_overrides: BTreeMap<String, bool>,
    /// The commission in percent.
    pub commission_percent: Commission,
    /// The name of the blueprint.
    pub blueprint: String,
    /// The industry.
    pub industry: Option<String>,
    /// The ID of the tenant in another system.
    pub external_id: Option<String>,
    /// The ID of the provisioning request that created the tenant.
    pub request_id: Uuid,
    /// The number of the version, which increases with every change of the tenant itself.
    pub version: u32,
    /// The name of the employee who provisioned the tenant.
    pub created_by: String,
    /// When the tenant was created.
    pub created_at: Timestamp,
    /// When the tenant became active for the first time.
    pub activated_at: Option<Timestamp>,
    /// When the tenant was suspended.
    pub suspended_at: Option<Timestamp>,
    /// Why the tenant was suspended.
    pub suspension_reason: Option<String>,
    /// When the tenant was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When the trial of the tenant ends.
    pub trial_ends_at: Option<Timestamp>,
    /// The owner. Null for a tenant without an owner.
    pub owner: Option<TenantOwner>,
    /// The use of each metric, with its limit.
    pub usage: Vec<Usage>,
    /// How many API key pairs work.
    pub key_count: u32,
    /// The settings.
    pub settings: TenantSettings,
    /// The branding.
    pub branding: TenantBranding,
    /// The segments, in order.
    pub segments: Vec<Segment>,
    /// The packages, in order.
    pub packages: Vec<Package>,
    /// The custom domains, oldest first.
    pub domains: Vec<TenantDomain>,
    /// What the steps created in external systems, by kind.
    pub resources: Vec<TenantResource>,
    /// The job that sets the tenant up in external systems. Null if the tenant has no job.
    pub pipeline: Option<TenantPipeline>,
    /// The latest 10 messages to the owner and the members, newest first. For admins only.
    pub messages: Vec<MailRecord>,
    /// The latest job that suspended, resumed, deleted, restored or purged the tenant in external systems.
    /// Null if there was none.
    pub lifecycle_job: Option<LifecycleJob>,
}

impl TenantRecord {
    /// Removes the fields that this role must not see: only admins see the state of an invitation
    /// and the messages.
    #[must_use]
    pub fn for_role(mut self, role: Role) -> Self {
        if !role.may_provision() {
            let owners = self.owner.iter_mut();
            owners.for_each(|owner| (owner.invitation, owner.invitation_expires_at) = (None, None));
            self.messages.clear();
        }
        self
    }
}

/// The owner of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantOwner {
    /// The ID of the account.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
    /// The status of the invitation. For admins only.
    pub invitation: Option<InvitationStatus>,
    /// When the latest link expires or has expired. Null after its record was deleted. For admins only.
    pub invitation_expires_at: Option<Timestamp>,
}

/// What a step of the tenant's jobs created in an external system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantResource {
    /// The kind, such as `database`.
    pub kind: String,
    /// The name or the ID in the external system.
    pub external_reference: String,
    /// Where a person finds the resource.
    pub url: Option<String>,
    /// When the resource was created.
    pub created_at: Timestamp,
}

/// The job that sets a tenant up in external systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantPipeline {
    /// The state of the job.
    pub state: StepState,
    /// The steps, in order.
    pub steps: Vec<TenantStep>,
}

/// A job that changes a tenant in external systems after its provisioning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LifecycleJob {
    /// The kind of the job: `suspend`, `resume`, `delete`, `restore` or `purge`.
    pub kind: String,
    /// The state of the job. `skipped` if a later change of the tenant superseded the job.
    pub state: StepState,
    /// When the tenant was changed.
    pub created_at: Timestamp,
    /// The steps, in order.
    pub steps: Vec<TenantStep>,
}

/// A step of the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantStep {
    /// The name of the step, such as `STEP_1_COPY_DB`.
    pub name: String,
    /// The state of the step.
    pub state: StepState,
    /// When the latest attempt started.
    pub started_at: Option<Timestamp>,
    /// When the step ended.
    pub finished_at: Option<Timestamp>,
}
